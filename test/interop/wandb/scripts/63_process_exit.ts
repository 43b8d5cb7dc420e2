import type * as Wandb from "tracelet/wandb";

/** The process ends with a code in the middle. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  process.exit(2);
}
