import type * as Wandb from "tracelet/wandb";
/** NaN and the infinities, alone, nested and in lists. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const nan = Number.NaN;
  const inf = Number.POSITIVE_INFINITY;
  const run = await wandb.init();
  run.log({ a: nan, b: inf, c: -inf, ok: 1 });
  run.log({ nested: { a: nan, b: [1, nan, inf, -inf] } });
  run.log({ a: 2.5 });
  run.summary["explicit_nan"] = nan;
  run.summary["explicit_inf"] = inf;
  await run.finish();
}
