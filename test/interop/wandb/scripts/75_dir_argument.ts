import { mkdirSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** The run's folder stands below the given directory. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("elsewhere");
  const run = await wandb.init({ dir: "elsewhere" });
  run.log({ a: 1 });
  await run.finish();
}
