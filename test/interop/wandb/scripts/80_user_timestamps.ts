import type * as Wandb from "tracelet/wandb";

/** Keys of the client's own given by the user. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1, _timestamp: 1700000000.5 });
  run.log({ a: 2, _step: 99 });
  run.log({ a: 3, _runtime: 5 });
  await run.finish();
}
