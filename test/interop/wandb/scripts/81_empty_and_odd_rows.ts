import type * as Wandb from "tracelet/wandb";

/** Rows of nothing, keys of the client's own form, overwriting kinds, a held row that a step ends. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({});
  run.log({}, { commit: false });
  run.log({ a: 1 });
  run.log({}, { step: 5 });
  run.log({ _private: 1, __double: 2, "a.": 3, ".b": 4, "c..d": 5, "e/": 6, "/f": 7 });
  run.log({ a: { b: 1 } }, { commit: false });
  run.log({ a: { b: { c: 2 } } }, { commit: false });
  run.log({ a: { b: 3, d: [] } });
  run.log({ x: 1 }, { step: 20 });
  run.log({ x: 2 }, { commit: false });
  run.log({ y: 3 }, { step: 21 });
  run.log({ z: null }, { step: 21 });
  await run.finish();
}
