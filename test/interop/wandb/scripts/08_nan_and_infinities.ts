import type * as Wandb from "tracelet/wandb";

/** NaN and the infinities, alone, nested and in lists. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: Number.NaN, b: Infinity, c: -Infinity, ok: 1 });
  run.log({ nested: { a: Number.NaN, b: [1, Number.NaN, Infinity, -Infinity] } });
  run.log({ a: 2.5 });
  run.summary["explicit_nan"] = Number.NaN;
  run.summary["explicit_inf"] = Infinity;
  await run.finish();
}
