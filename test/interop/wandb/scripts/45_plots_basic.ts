import type * as Wandb from "tracelet/wandb";

/** plot.line, scatter, bar, histogram. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const data = Array.from({ length: 5 }, (_, i) => [i, i * i, `l${i}`, i / 3]);
  const table = new wandb.Table({ columns: ["x", "y", "label", "value"], data });
  run.log({ line: wandb.plot.line(table, "x", "y", { title: "a line" }) });
  run.log({ scatter: wandb.plot.scatter(table, "x", "y", { title: "points" }) });
  run.log({ bar: wandb.plot.bar(table, "label", "value", { title: "bars" }) });
  run.log({ histogram: wandb.plot.histogram(table, "value", { title: "counts" }) });
  await run.finish();
}
