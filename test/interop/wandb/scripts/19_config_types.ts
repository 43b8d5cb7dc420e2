import type * as Wandb from "tracelet/wandb";

/** Types of config values: nested, lists, null, NaN, dates of the epoch, long and odd keys. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({
    config: {
      nested: { a: { b: { c: 1 } }, list: [1, [2, { three: 3 }]] },
      none: null,
      yes: true,
      text: "t",
      list: [1, 2.5, "x", null],
      empty: {},
      empty_list: [],
      "dotted.key": 1,
      "slash/key": 2,
      "unicode \u4e2d\u{1f600}": 3,
      big: 9007199254740991,
      tiny: 1e-9,
    },
  });
  run.config["--dashed--"] = 1;
  await run.finish();
}
