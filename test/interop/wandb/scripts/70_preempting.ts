import type * as Wandb from "tracelet/wandb";

/** markPreempting, then an exit code that says the run was taken away. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  run.markPreempting();
  run.log({ a: 2 });
  await run.finish({ exitCode: 1 });
}
