import type * as Wandb from "tracelet/wandb";

/** Dates, sets, arrays and odd keys in config; nested updates; keys that only differ by dashes. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init({
    config: {
      date: new Date("2024-02-29T12:30:15Z"),
      set: new Set([7]),
      array: Float64Array.from({ length: 40 }, (_, i) => i),
      one: Float64Array.of(2.5),
      few: Int32Array.of(0, 1, 2),
      matrix: [
        [1, 2],
        [3, 4],
      ],
      quote: 'a "b" \\ c',
      lines: "1\n2",
    },
  });
  run.config.update({ nested: { a: 1, b: { c: [1, 2] } } });
  run.config.update({ nested: { a: 2 } }, { allowValChange: true });
  run.config["-x-"] = 1;
  run.config.update({ x: 2 }, { allowValChange: true });
  run.config.update({ "": "empty", " ": "space", "a.b.c": 1 });
  await run.finish();
}
