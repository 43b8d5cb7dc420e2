import type * as Wandb from "tracelet/wandb";

/** Boxes on an image: fractions and pixels, both forms of position, scores, captions, labels. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = { shape: [20, 30, 3], data: new Uint8Array(20 * 30 * 3) };
  const boxes = {
    predictions: {
      boxData: [
        {
          position: { minX: 0.1, maxX: 0.4, minY: 0.2, maxY: 0.5 },
          classId: 1,
          boxCaption: "cat 0.9",
          scores: { acc: 0.9, loss: 0.1 },
        },
        {
          position: { middle: [15, 10] as const, width: 6, height: 4 },
          domain: "pixel" as const,
          classId: 2,
        },
      ],
      classLabels: { 1: "cat", 2: "dog" },
    },
    ground_truth: { boxData: [{ position: { minX: 0, maxX: 1, minY: 0, maxY: 1 }, classId: 7 }] },
  };
  run.log({ boxed: new wandb.Image(pixels, { boxes }) });
  await run.finish();
}
