import { type ChartFields, CustomChart } from "../media/custom-chart.js";
import type { Table } from "../media/table.js";

/**
 * A chart by a Vega specification that W&B knows by its name (Python: `wandb.plot_table`).
 *
 * @param specName `wandb/line/v0`, or `<entity>/<name>` of one's own
 * @param fields column of the table for each field of the specification
 * @param stringFields texts for the specification, such as `title`
 *
 * @example
 * ```ts
 * run.log({ roc: wandb.plotTable("my-team/roc", table, { x: "fpr", y: "tpr" }, { title: "ROC" }) });
 * ```
 */
export function plotTable(
  specName: string,
  table: Table,
  fields: ChartFields,
  stringFields: { readonly [field: string]: string } = {},
  options: { readonly splitTable?: boolean } = {},
): CustomChart {
  return new CustomChart(table, specName, fields, stringFields, options.splitTable ?? false);
}
