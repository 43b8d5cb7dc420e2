import type * as Wandb from "tracelet/wandb";

/** stepSync: the last value of the step metric is put into rows that lack it; off when told so. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.defineMetric("synced", { stepMetric: "x" });
  run.defineMetric("unsynced", { stepMetric: "x", stepSync: false });
  run.defineMetric("never_logged_step", { stepMetric: "y" });
  run.log({ synced: 1 });
  run.log({ x: 10 });
  run.log({ synced: 2 });
  run.log({ unsynced: 3 });
  run.log({ synced: 4, x: 11 });
  run.log({ never_logged_step: 5 });
  await run.finish();
}
