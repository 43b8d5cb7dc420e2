import type * as Wandb from "tracelet/wandb";

/** plot.lineSeries, and a chart of the user's own specification. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const lines = [
    [1, 2, 3],
    [3, 2, 1],
  ];
  run.log({
    series: wandb.plot.lineSeries([0, 1, 2], lines, { keys: ["up", "down"], title: "two", xname: "step" }),
  });
  const table = new wandb.Table({
    columns: ["a", "b"],
    data: [
      [1, 2],
      [3, 4],
    ],
  });
  run.log({
    custom: wandb.plot.plotTable(
      "wandb/line/v0",
      table,
      { x: "a", y: "b" },
      { title: "own" },
      { splitTable: true },
    ),
  });
  await run.finish();
}
