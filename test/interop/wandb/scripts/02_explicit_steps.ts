import type * as Wandb from "tracelet/wandb";

/** Steps given by the caller, with gaps, then counting on from there. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  for (const step of [0, 5, 10, 100]) run.log({ a: step * 2 }, { step });
  run.log({ a: 1 });
  run.log({ a: 2 });
  await run.finish();
}
