import type * as Wandb from "tracelet/wandb";

/** A run that says nothing of its code. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ id: "live" });
  run.log({ a: 1 });
  await run.finish();
}
