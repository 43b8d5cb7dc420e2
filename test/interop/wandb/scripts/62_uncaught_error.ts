import type * as Wandb from "tracelet/wandb";

/** An error nobody catches ends the run as failed; the open row is kept. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  run.log({ a: 2 }, { commit: false });
  throw new Error("on purpose");
}
