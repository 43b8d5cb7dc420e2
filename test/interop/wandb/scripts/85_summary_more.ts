import type * as Wandb from "tracelet/wandb";

/** Summary values of every kind, over and under logged ones, deep changes, NaN inside, removal and return. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ a: { b: 1, c: 2 }, plain: 1, over: 5 });
  run.summary["plain"] = { now: "object" };
  run.summary["a"] = 7;
  run.log({ plain: 2 });
  run.summary.update({
    deep: { x: { y: { z: 1 } } },
    nan: { inside: [Number.NaN, 1] },
    none: null,
    empty: {},
  });
  const x = (run.summary["deep"] as Wandb.Summary)["x"] as Wandb.Summary;
  const y = x["y"] as Wandb.Summary;
  y["z"] = 2;
  x["new"] = [1, { k: 2 }];
  delete y["z"];
  delete run.summary["over"];
  run.summary["dotted.key"] = 1;
  run.log({ "dotted.key": 2 });
  run.summary["_own"] = 3;
  run.summary["text"] = "\u00e9".repeat(10);
  await run.finish();
}
