import type * as Wandb from "tracelet/wandb";

/** Plots with their defaults, lines told apart by a column, chosen classes, scores for the matrix, charts in nested keys beside values. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const table = new wandb.Table({
    columns: ["x", "y", "kind"],
    data: Array.from({ length: 6 }, (_, i) => [i, i * 2, i % 2 === 0 ? "even" : "odd"]),
  });
  run.log({ stroke: wandb.plot.line(table, "x", "y", { stroke: "kind" }), beside: 1 });
  run.log({ nested: { chart: wandb.plot.scatter(table, "x", "y") } });
  const truth = [0, 1, 2, 2, 1, 0, 1, 2];
  const scores = [
    [0.7, 0.2, 0.1],
    [0.1, 0.6, 0.3],
    [0.2, 0.2, 0.6],
    [0.1, 0.5, 0.4],
    [0.3, 0.4, 0.3],
    [0.5, 0.25, 0.25],
    [0.4, 0.35, 0.25],
    [0.05, 0.05, 0.9],
  ];
  run.log({ pr: wandb.plot.prCurve(truth, scores) });
  run.log({
    pr_some: wandb.plot.prCurve(truth, scores, {
      labels: ["a", "b", "c"],
      classesToPlot: [0, 2],
      interpSize: 5,
    }),
  });
  run.log({ roc: wandb.plot.rocCurve(truth, scores, { classesToPlot: [1] }) });
  run.log({ matrix: wandb.plot.confusionMatrix({ yTrue: truth, probs: scores }) });
  run.log({
    matrix_split: wandb.plot.confusionMatrix({
      yTrue: truth,
      preds: [0, 1, 2, 1, 1, 0, 0, 2],
      splitTable: true,
    }),
  });
  const xs = [
    [0, 1],
    [5, 6, 7],
  ];
  const ys = [
    [1, 2],
    [3, 4, 5],
  ];
  run.log({ series: wandb.plot.lineSeries(xs, ys) });
  run.log({ bar: wandb.plot.bar(table, "kind", "y", { splitTable: true }) });
  await run.finish();
}
