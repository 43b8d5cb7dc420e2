import type * as Wandb from "tracelet/wandb";

/** commit: false holds the row back; commit: true with a step ends it at once. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 }, { commit: false });
  run.log({ b: 2 }, { commit: false });
  run.log({ c: 3 });
  run.log({ a: 4 }, { step: 7, commit: true });
  run.log({ a: 5 });
  run.log({ a: 6 }, { step: 20, commit: false });
  run.log({ b: 7 }, { commit: true });
  await run.finish();
}
