import type * as Wandb from "tracelet/wandb";

/** finish with an exit code of its own. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  await run.finish({ exitCode: 3 });
}
