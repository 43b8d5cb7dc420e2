import type * as Wandb from "tracelet/wandb";

/** Nested objects, keys with dots and slashes, empty objects, and merging inside them. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({
    train: { loss: 0.5, metrics: { f1: 0.9, recall: 0.8 } },
    "a.b": 1,
    "a/b": 2,
    a: { b: 3 },
  });
  run.log({ empty: {}, x: 1 });
  run.log({ train: { loss: 0.4 } }, { commit: false });
  run.log({ train: { metrics: { f1: 0.95 } } });
  run.log({ leaf: 1 }, { commit: false });
  run.log({ leaf: { now: "object" } });
  run.log({ list_of_objects: [{ a: 1 }, { b: [1, 2] }] });
  run.log({ "": 1, " ": 2, "\u00fc\u4e2d\u{1f600}": 3 });
  await run.finish();
}
