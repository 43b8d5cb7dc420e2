import type { LoggedValue } from "../values/json.js";
import type { Table } from "./table.js";

/** Column of the table for each field of the chart's specification. */
export type ChartFields = { readonly [field: string]: string | null };

/**
 * A chart that W&B draws from a table by a Vega-Lite specification it knows by name. Logged under a key, it becomes
 * the table under `<key>_table` and an entry of the run's configuration.
 */
export class CustomChart {
  constructor(
    /** Where the values are. */
    readonly table: Table,
    /** Name of the specification: `wandb/line/v0`, or `entity/name` for one of your own. */
    readonly specName: string,
    /** Column of the table for each of the specification's fields. */
    readonly fields: ChartFields,
    /** Texts for the specification, such as its title. */
    readonly stringFields: { readonly [field: string]: string } = {},
    /** Shows the table in a section of its own. */
    readonly splitTable = false,
  ) {}

  /** Key of the table of a chart that is logged under a key. */
  tableKey(key: string): string {
    return this.splitTable ? `Custom Chart Tables/${key}_table` : `${key}_table`;
  }

  /** What the run's configuration holds under `_wandb`, `visualize`, key. */
  configValue(key: string): LoggedValue {
    const leaf = (name: string): LoggedValue => ({ name, fields: [] });
    return {
      panel_type: "Vega2",
      panel_config: {
        panelDefId: this.specName,
        fieldSettings: this.fields,
        stringSettings: this.stringFields,
        transform: { name: "tableWithLeafColNames" },
        userQuery: {
          queryFields: [
            {
              name: "runSets",
              // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholder is W&B's, filled in by its pages.
              args: [{ name: "runSets", value: "${runSets}" }],
              fields: [
                leaf("id"),
                leaf("name"),
                leaf("_defaultColorIndex"),
                { name: "summaryTable", args: [{ name: "tableKey", value: this.tableKey(key) }], fields: [] },
              ],
            },
          ],
        },
      },
    };
  }
}
