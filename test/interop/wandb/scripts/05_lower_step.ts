import type * as Wandb from "tracelet/wandb";

/** A step that goes back is dropped by the official rule. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 }, { step: 5 });
  run.log({ a: 2 }, { step: 3 });
  run.log({ b: 3 }, { step: 4 });
  run.log({ a: 4 }, { step: 6 });
  run.log({ a: 5 }, { step: 6 });
  run.log({ a: 6 }, { step: 0 });
  await run.finish();
}
