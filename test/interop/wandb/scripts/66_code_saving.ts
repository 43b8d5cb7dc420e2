import type * as Wandb from "tracelet/wandb";

/** saveCode: the program, and the patch of what is not committed. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ saveCode: true });
  run.log({ a: 1 });
  await run.finish();
}
