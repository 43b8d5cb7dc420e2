import type * as Wandb from "tracelet/wandb";

/** hidden, repeated definitions (they add up), overwrite. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("a", { hidden: true });
  run.defineMetric("a", { summary: "min" });
  run.defineMetric("b", { summary: "min", stepMetric: "s1" });
  run.defineMetric("b", { summary: "max", overwrite: true });
  run.defineMetric("c", { stepMetric: "s1", hidden: true });
  run.defineMetric("c", { stepMetric: "s2" });
  for (let i = 0; i < 4; i++) run.log({ a: i, b: 0 - i, c: i, s1: i, s2: i * 2 });
  await run.finish();
}
