import type * as Wandb from "tracelet/wandb";

/** Masks on an image, by array, with labels and without. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const pixels = { shape: [8, 8, 3], data: new Uint8Array(192).fill(100) };
  const classOf = (row: number, column: number) =>
    row >= 6 && column >= 5 ? 3 : row >= 2 && row < 4 && column >= 2 && column < 6 ? 1 : 0;
  const grid = (value: (row: number, column: number) => number) => ({
    shape: [8, 8],
    data: Uint8Array.from({ length: 64 }, (_, i) => value(Math.floor(i / 8), i % 8)),
  });
  const masks = {
    predictions: { maskData: grid(classOf), classLabels: { 0: "background", 1: "cat", 3: "tree" } },
    truth: { maskData: grid((row, column) => classOf(column, row)) },
  };
  run.log({ masked: new wandb.Image(pixels, { masks, caption: "masks" }) });
  await run.finish();
}
