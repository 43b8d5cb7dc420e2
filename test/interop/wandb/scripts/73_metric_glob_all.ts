import type * as Wandb from "tracelet/wandb";

/** A glob that matches everything, beside a metric defined by its name. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("*", { stepMetric: "epoch" });
  run.defineMetric("loss", { summary: "min" });
  for (let i = 0; i < 3; i++) run.log({ epoch: i, loss: 3 - i, nested: { acc: i / 2 } });
  run.log({ acc: 1, _hidden: 2 });
  await run.finish();
}
