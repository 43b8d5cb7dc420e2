import type * as Wandb from "tracelet/wandb";

/** A list of images of which some carry boxes and masks; shared class labels. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = (value: number) => ({ shape: [5, 5, 3], data: new Uint8Array(75).fill(value) });
  const classLabels = { 0: "zero", 1: "one" };
  const boxes = {
    p: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 1 }], classLabels },
  };
  const masks = { p: { maskData: { shape: [5, 5], data: new Uint8Array(25).fill(1) }, classLabels } };
  run.log({
    list: [
      new wandb.Image(pixels(9), { boxes, masks }),
      new wandb.Image(pixels(10), { boxes }),
      new wandb.Image(pixels(11), { masks }),
    ],
  });
  const classes = [
    { id: 0, name: "zero" },
    { id: 1, name: "one" },
  ];
  run.log({ classes: new wandb.Image(pixels(9), { classes }) });
  await run.finish();
}
