import type * as Wandb from "tracelet/wandb";

/** A Plotly figure. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const figure = {
    data: [{ type: "scatter", x: [1, 2, 3], y: [2.5, 1, 4], name: "line" }],
    layout: { title: { text: "chart" } },
  };
  run.log({ chart: new wandb.Plotly(figure) });
  await run.finish();
}
