import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as Wandb from "tracelet/wandb";

/** Files the script puts into the run's own folder. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  writeFileSync(join(run.dir, "notes.txt"), "in the run's folder");
  run.save(join(run.dir, "notes.txt"));
  await run.finish();
}
