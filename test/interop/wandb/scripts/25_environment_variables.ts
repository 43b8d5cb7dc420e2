import type * as Wandb from "tracelet/wandb";

/** The same fields by environment variables; an argument wins over its variable. */
export default async function (wandb: typeof Wandb): Promise<void> {
  Object.assign(process.env, {
    WANDB_NAME: "by variable",
    WANDB_NOTES: "notes by variable",
    WANDB_TAGS: "x,y",
    WANDB_RUN_GROUP: "group by variable",
    WANDB_JOB_TYPE: "type by variable",
  });
  const run = await wandb.init({ jobType: "by argument" });
  run.log({ a: 1 });
  await run.finish();
}
