import type * as Wandb from "tracelet/wandb";

/** A figure with missing values, several traces and frames. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const figure = {
    data: [
      { type: "scatter", x: Float64Array.of(0, 0.5, 1, 1.5), y: [1, null, 3, 4.5] },
      { type: "bar", x: ["a", "b"], y: Int32Array.of(1, 2), marker: { color: "red" } },
    ],
    layout: { title: { text: "\u00e9 <b>bold</b>" }, xaxis: { range: [0, 1] }, showlegend: false },
    frames: [{ name: "f", data: [{ type: "scatter", y: [2, 1] }] }],
  };
  const run = await wandb.init();
  run.log({ chart: new wandb.Plotly(figure) });
  run.log({ in_table: new wandb.Table({ columns: ["figure"], data: [[new wandb.Plotly(figure)]] }) });
  await run.finish();
}
