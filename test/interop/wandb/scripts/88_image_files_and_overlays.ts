import type * as Wandb from "tracelet/wandb";

/** A picture file with boxes and a mask from a file, groups, labels in lists, pictures of unequal size. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const picture = "fixtures/picture.png";
  const boxes = {
    p: { boxData: [{ position: { middle: [0.5, 0.5] as const, width: 0.2, height: 0.1 }, classId: 0 }] },
  };
  const masks = { m: { path: picture, classLabels: { 0: "none", 11: "some" } } };
  run.log({ file: new wandb.Image(picture, { boxes, masks, caption: "all" }) });
  run.log({ grouped: new wandb.Image(picture, { grouping: 2 }) });
  run.log({ several: [new wandb.Image(picture), new wandb.Image(picture, { boxes })] });
  const labels = {
    boxData: [
      {
        position: { minX: 1, maxX: 3, minY: 1, maxY: 2 },
        domain: "pixel" as const,
        classId: 3,
        scores: { s: 1 },
        boxCaption: "\u00e9",
      },
    ],
    classLabels: { 3: "three", 4: "four" },
  };
  run.log({ deep: { "key/with": new wandb.Image(picture, { boxes: { one: labels, two: labels } }) } });
  await run.finish();
}
