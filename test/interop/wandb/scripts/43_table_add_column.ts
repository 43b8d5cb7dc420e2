import type * as Wandb from "tracelet/wandb";

/** Columns added later, computed columns, rows added after logging to a mutable table. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const table = new wandb.Table({ columns: ["a"], data: [[1], [2], [3]] });
  table.addColumn("b", [10.5, 20.5, 30.5]);
  table.addComputedColumns((index, row) => ({ c: (row["a"] as number) * index }));
  run.log({ table });
  const mutable = new wandb.Table({ columns: ["x"], logMode: "MUTABLE" });
  mutable.addData(1);
  run.log({ mutable });
  mutable.addData(2);
  run.log({ mutable });
  await run.finish();
}
