import type * as Wandb from "tracelet/wandb";

/** Values that are not numbers: truth values, texts, null, lists, dates. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({ yes: true, no: false, none: null, text: "hello", empty: "", quote: 'say "hi" \\ there' });
  run.log({ list: [1, 2, 3], mixed: [1, "two", null, true, [4, [5]]], empty_list: [] });
  run.log({
    lines: "one\ntwo\ttabbed",
    control: "\x01\x1f",
    unicode: "\u00e9\u4e2d\u{1f600}\u2028",
  });
  run.log({ date: new Date("2024-02-29T12:30:15Z") });
  await run.finish();
}
