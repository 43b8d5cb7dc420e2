import type * as Wandb from "tracelet/wandb";

/** Alerts of every level, with a waiting time. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.alert({ title: "default", text: "an alert" });
  run.alert({ title: "warning", text: "of two\nlines", level: "WARN", waitDuration: 0 });
  run.alert({ title: "error", text: "\u00e9", level: "ERROR", waitDuration: 300 });
  await run.finish();
}
