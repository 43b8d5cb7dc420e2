import type * as Wandb from "tracelet/wandb";

/** Masks on an image, by array, with labels and without. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const classAt = (row: number, column: number): number =>
    row >= 6 && column >= 6 ? 3 : row >= 2 && row < 5 && column >= 2 && column < 5 ? 1 : 0;
  const mask = Uint8Array.from({ length: 64 }, (_, i) => classAt(Math.floor(i / 8), i % 8));
  const masks: { [name: string]: Wandb.Mask } = {
    predictions: { maskData: mask, classLabels: { 0: "background", 1: "cat", 3: "tree" } },
    truth: { maskData: mask.map((_, i) => mask[(i % 8) * 8 + Math.floor(i / 8)]!) },
  };
  const pixels = new Uint8Array(8 * 8 * 3).fill(100);
  run.log({ masked: new wandb.Image(pixels, { width: 8, height: 8, masks, caption: "masks" }) });
  await run.finish();
}
