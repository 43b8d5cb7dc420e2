import type * as Wandb from "tracelet/wandb";

/** A Plotly figure. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  run.log({
    chart: new wandb.Plotly({
      data: [{ type: "scatter", x: [1, 2, 3], y: [2.5, 1, 4], name: "line" }],
      layout: { title: { text: "chart" } },
    }),
  });
  await run.finish();
}
