import type * as Wandb from "tracelet/wandb";

/** Name, notes and tags changed while the run goes on. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({ tags: ["a"] });
  run.name = "renamed";
  run.notes = "written later";
  run.tags = [...run.tags, "b"];
  run.log({ a: 1 });
  run.tags = [...run.tags, "c"];
  await run.finish();
}
