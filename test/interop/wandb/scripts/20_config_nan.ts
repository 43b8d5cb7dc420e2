import type * as Wandb from "tracelet/wandb";

/** NaN and the infinities in config. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ config: { nan: Number.NaN, inf: Infinity, nested: { minus: -Infinity } } });
  await run.finish();
}
