import type * as Wandb from "tracelet/wandb";

/** defineMetric with globs: expansion, summary and step of what matches. */
export default async function (wandb: typeof Wandb): Promise<void> {
  // Globs that overlap are matched in an order the official client leaves open, so none do here.
  const run = await wandb.init();
  run.defineMetric("epoch", { hidden: true });
  run.defineMetric("val/*", { stepMetric: "epoch", summary: "max" });
  run.defineMetric("train*", { summary: "last,min" });
  run.log({ epoch: 0, "val/acc": 0.5, "val/deep/f1": 0.1, train_loss: 3, other: 1 });
  run.log({ epoch: 1, "val/acc": 0.7, "val/deep/f1": 0.05, train_loss: 2, "train/x": 9 });
  run.log({ "val/acc": 0.6, train: 1, _private: 1 });
  await run.finish();
}
