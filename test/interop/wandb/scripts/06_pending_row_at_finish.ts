import type * as Wandb from "tracelet/wandb";

/** A row still open at the end is written by finish. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  run.log({ a: 2, only_pending: true }, { commit: false });
  await run.finish();
}
