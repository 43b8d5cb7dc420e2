import type * as Wandb from "tracelet/wandb";

/** Explicit summary values beside and over derived ones. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ loss: 3, acc: 0.1 });
  run.summary["best"] = 42;
  run.summary["loss"] = -1;
  run.summary.update({ text: "done", list: [1, 2], acc: 0.9 });
  run.log({ acc: 0.2 });
  run.summary["nested"] = { a: 1, b: { c: 2 } };
  await run.finish();
}
