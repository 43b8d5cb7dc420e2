import type * as Wandb from "tracelet/wandb";

/** defineMetric with a step metric of its own. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("epoch");
  run.defineMetric("val_loss", { stepMetric: "epoch" });
  run.defineMetric("lr", { stepMetric: "undefined_before" });
  for (let i = 0; i < 6; i++) {
    const row = { loss: 1 / (i + 1) };
    run.log(i % 2 === 0 ? { ...row, epoch: i / 2, val_loss: 2 / (i + 1) } : row);
  }
  run.log({ lr: 0.1 });
  await run.finish();
}
