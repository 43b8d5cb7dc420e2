import type * as Wandb from "tracelet/wandb";

/** A glob defined again, overwritten, after its metrics; a step metric that is itself matched; hidden by a glob. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ "late/a": 1, "late/step": 1 });
  run.defineMetric("late/*", { stepMetric: "late/step", summary: "max" });
  run.log({ "late/a": 2, "late/step": 2, "late/b": 5 });
  run.log({ "late/b": 4 });
  run.defineMetric("twice/*", { summary: "min" });
  run.defineMetric("twice/*", { hidden: true });
  run.log({ "twice/x": 3 });
  run.log({ "twice/x": 4 });
  run.defineMetric("once/*", { summary: "min", stepMetric: "s" });
  run.defineMetric("once/*", { summary: "max", overwrite: true });
  run.log({ "once/x": 3, s: 1 });
  run.log({ "once/x": 2 });
  run.defineMetric("twice/x", { summary: "last", overwrite: true });
  run.log({ "twice/x": 5 });
  run.defineMetric("none", { summary: "none" });
  run.defineMetric("none", { summary: "max" });
  run.defineMetric("none_and_max", { summary: "none,max" });
  run.defineMetric("max_then_none", { summary: "max" });
  run.defineMetric("max_then_none", { summary: "none" });
  run.defineMetric("none_and_last", { summary: "last,none" });
  run.defineMetric("none_then_hidden", { summary: "none" });
  run.defineMetric("none_then_hidden", { hidden: true });
  run.defineMetric("none_then_last", { summary: "none" });
  run.defineMetric("none_then_last", { summary: "last" });
  run.log({ none_then_hidden: 5, none_then_last: 6 });
  run.log({ none: 1, none_and_max: 2, max_then_none: 3, none_and_last: 4 });
  await run.finish();
}
