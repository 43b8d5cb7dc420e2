import type * as Wandb from "tracelet/wandb";

/** Metrics of nested values, names whose dots are their own, a kind that means nothing. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("train.loss", { summary: "min", stepMetric: "train.step" });
  run.defineMetric("own\\.dot", { summary: "max" });
  run.defineMetric("copied", { summary: "copy" });
  run.defineMetric("nested.*", { summary: "mean" });
  for (let i = 0; i < 4; i++) {
    run.log({
      train: { loss: 4 - i, step: i * 10 },
      "own.dot": i,
      copied: i,
      nested: { x: i, deep: { y: i / 2 } },
    });
  }
  run.log({ train: { loss: 9 } });
  await run.finish();
}
