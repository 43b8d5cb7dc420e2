import type * as Wandb from "tracelet/wandb";

/** Calls of one step share a row; a later value of a key replaces the earlier one. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 }, { step: 1 });
  run.log({ b: 2 }, { step: 1 });
  run.log({ a: 3, c: 4 }, { step: 1 });
  run.log({ a: 5 }, { step: 2 });
  await run.finish();
}
