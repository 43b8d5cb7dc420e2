import type * as Wandb from "tracelet/wandb";

/** The process sets its exit code and ends by itself, a row and a summary open. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  run.log({ a: 2, b: { c: 3 } }, { commit: false });
  run.summary["s"] = "open";
  process.exitCode = 5;
}
