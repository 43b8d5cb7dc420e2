import type * as Wandb from "tracelet/wandb";

/** Name, notes, tags, group and job type given at init. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({
    name: "first run \u00e9",
    notes: "line one\nline two",
    tags: ["baseline", "v1.0", "with space"],
    group: "sweep-7",
    jobType: "training",
  });
  run.log({ a: 1 });
  await run.finish();
}
