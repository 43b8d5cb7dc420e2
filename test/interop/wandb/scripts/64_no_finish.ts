import type * as Wandb from "tracelet/wandb";

/** The script ends without finish. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1 });
  run.summary["b"] = 2;
}
