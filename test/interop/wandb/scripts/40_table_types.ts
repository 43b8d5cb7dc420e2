import type * as Wandb from "tracelet/wandb";

/** Column types of a table: numbers, texts, truth values, missing cells, mixed numbers. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const table = new wandb.Table({ columns: ["n", "f", "s", "b", "optional"] });
  table.addData(1, 0.5, "x", true, null);
  table.addData(2, 1.25, "y", false, 3);
  table.addData(3, Number.NaN, "", true, null);
  run.log({ table });
  run.log({
    data: new wandb.Table({
      columns: ["a", "b"],
      data: [
        [1, "one"],
        [2, "two"],
      ],
    }),
  });
  run.log({ empty: new wandb.Table({ columns: ["nothing"], data: [] }) });
  run.log({
    mixed: new wandb.Table({ columns: ["any"], data: [[1], ["text"], [null]], allowMixedTypes: true }),
  });
  await run.finish();
}
