import type * as Wandb from "tracelet/wandb";

/** Metrics defined after their first values. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 5, s: 1 });
  run.defineMetric("a", { summary: "max", stepMetric: "s" });
  run.log({ a: 3 });
  run.log({ a: 7, s: 2 });
  run.defineMetric("a", { summary: "min" });
  run.log({ a: 4 });
  await run.finish();
}
