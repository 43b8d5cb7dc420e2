import { mkdirSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** A settings file of the folder, and variables that few use. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("wandb");
  writeFileSync(
    "wandb/settings",
    "[default]\nrun_group = from file\nrun_job_type = from file\nrun_notes = 100%% of it\n",
  );
  Object.assign(process.env, {
    WANDB_JOB_TYPE: "by variable",
    WANDB_TAGS: "a,b c",
    WANDB_IGNORE_GLOBS: "*.tmp,skip/*",
    WANDB_HOST: "renamed-host",
  });
  mkdirSync("skip");
  const names = ["kept.txt", "left.tmp", "skip/a.txt"];
  for (const name of names) writeFileSync(name, name);
  const run = await wandb.init();
  for (const name of names) run.save(name, { policy: "now" });
  run.log({ a: 1 });
  await run.finish();
}
