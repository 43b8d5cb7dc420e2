import type * as Wandb from "tracelet/wandb";

/** Step metrics of the client's own, steps that are texts or missing, a step metric with a summary. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("by_step", { stepMetric: "_step" });
  run.defineMetric("by_time", { stepMetric: "_runtime", stepSync: false });
  run.defineMetric("s", { summary: "max" });
  run.defineMetric("x", { stepMetric: "s" });
  // The step of a step is added or not by chance in the official client, so y has one of its own.
  run.defineMetric("y", { stepMetric: "z" });
  run.log({ by_step: 1, by_time: 2 });
  run.log({ s: 1.5, x: 1 });
  run.log({ y: 3 });
  run.log({ s: "text", x: 2 });
  run.log({ x: 3 });
  run.log({ s: null, x: 4 });
  run.log({ s: Number.NaN, x: 5 });
  run.log({ x: 6 });
  run.log({ x: 7 }, { step: 20 });
  run.log({ s: 9 }, { step: 20 });
  run.log({ x: 8 });
  await run.finish();
}
