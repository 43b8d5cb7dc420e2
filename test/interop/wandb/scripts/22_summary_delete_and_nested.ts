import type * as Wandb from "tracelet/wandb";

/** Deleting summary keys, changing nested ones, values that come back by logging. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: 1, b: 2, c: 3 });
  delete run.summary["a"];
  run.summary["tree"] = { x: 1, y: 2 };
  const tree = run.summary["tree"] as { x: number; y?: number };
  tree.x = 10;
  delete tree.y;
  delete run.summary["b"];
  run.log({ b: 20 });
  run.defineMetric("m", { summary: "max" });
  run.log({ m: 5 });
  run.summary["m"] = 1;
  run.log({ m: 3 });
  await run.finish();
}
