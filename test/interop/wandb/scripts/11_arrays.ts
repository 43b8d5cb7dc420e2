import type * as Wandb from "tracelet/wandb";

/** Numeric arrays: one element is a number, up to 32 are a list, more are a histogram. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const range = (count: number) => Float64Array.from({ length: count }, (_, i) => i);
  const run = await wandb.init();
  run.log({ one: Float64Array.of(7.5), few: range(5), ints: Int32Array.of(0, 1, 2, 3) });
  run.log({ edge: range(32) });
  run.log({ many: range(33), hundred: range(100).map((value) => value ** 2) });
  run.log({ float32: Float32Array.of(0.1, 0.2) });
  await run.finish();
}
