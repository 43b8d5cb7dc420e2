import type * as Wandb from "tracelet/wandb";

/** Columns of given types, cells that may not be missing, arrays, nested lists, rows as objects, no columns named. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({
    typed: new wandb.Table({
      columns: ["a", "b"],
      data: [
        [1, "x"],
        [2, "y"],
      ],
      dtype: ["number", "string"],
      optional: [false, true],
    }),
  });
  run.log({
    one_type: new wandb.Table({
      columns: ["a", "b"],
      data: [
        [1, 2],
        [3.5, 4],
      ],
      dtype: "number",
      optional: false,
    }),
  });
  run.log({
    arrays: new wandb.Table({
      columns: ["v"],
      data: [[Float64Array.of(0, 1, 2)], [Float64Array.of(0.5, 1.5, 2.5)]],
    }),
  });
  const square = (start: number) => [
    [start, start + 1],
    [start + 2, start + 3],
  ];
  run.log({ nested: new wandb.Table({ columns: ["v"], data: [[square(1)], [square(5)]] }) });
  run.log({
    objects: new wandb.Table({
      columns: ["o"],
      data: [[{ a: { b: 1 }, c: [1] }], [{ a: { b: 2 }, c: [3] }]],
    }),
  });
  run.log({
    nulls: new wandb.Table({
      columns: ["all_none", "late"],
      data: [
        [null, null],
        [null, "x"],
      ],
    }),
  });
  run.log({ infinite: new wandb.Table({ columns: ["f"], data: [[Infinity], [-Infinity], [1e300], [-0]] }) });
  const table = new wandb.Table();
  table.addData("in", "out", "expected");
  run.log({ default: table });
  run.log({ nested: { deep: { table: new wandb.Table({ columns: ["a"], data: [[1]] }) } } });
  await run.finish();
}
