import type * as Wandb from "tracelet/wandb";

/** A list of images of which some carry boxes and masks; shared class labels. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const size = { width: 5, height: 5 };
  const pixels = (value: number): Uint8Array => new Uint8Array(5 * 5 * 3).fill(value);
  const labels = { 0: "zero", 1: "one" };
  const boxes = {
    p: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1 }], classLabels: labels },
  };
  const masks = { p: { maskData: new Uint8Array(25).fill(1), classLabels: labels } };
  run.log({
    list: [
      new wandb.Image(pixels(9), { ...size, boxes, masks }),
      new wandb.Image(pixels(10), { ...size, boxes }),
      new wandb.Image(pixels(11), { ...size, masks }),
    ],
  });
  const classes = [
    { id: 0, name: "zero" },
    { id: 1, name: "one" },
  ];
  run.log({ classes: new wandb.Image(pixels(9), { ...size, classes }) });
  await run.finish();
}
