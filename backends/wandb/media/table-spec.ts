import type { LoggedValue } from "../values/json.js";
import type { ColumnType } from "./column-type.js";
import { isMediaSpec, MEDIA, type MediaSpec } from "./media-spec.js";

/**
 * What logging a table again does. `IMMUTABLE`: refers to the table as it was logged first. `MUTABLE`: logs it anew
 * when it has changed. `INCREMENTAL`: logs the rows added since.
 */
export type TableLogMode = "IMMUTABLE" | "MUTABLE" | "INCREMENTAL";

/** A cell in its plain form. */
export type CellSpec = LoggedValue | MediaSpec | { readonly [MEDIA]: "date"; readonly time: number };

/** A table as plain data. The ids of its artifact are made here, so that later rows can refer to earlier ones. */
export interface TableSpec {
  readonly [MEDIA]: "table";
  readonly id: number;
  readonly columns: readonly string[];
  readonly columnTypes: { readonly [column: string]: ColumnType };
  /** The rows to store: all, or those since the last time. */
  readonly rows: readonly (readonly CellSpec[])[];
  /** Rows the table has. */
  readonly count: number;
  readonly logMode: TableLogMode;
  readonly clientId: string;
  readonly sequenceClientId: string;
  readonly increment?: {
    readonly num: number;
    readonly time: number;
    readonly previousPaths: readonly string[];
  };
}

/** Rows W&B takes in an artifact. */
export const MAX_ARTIFACT_ROWS = 200_000;

/** Path of a table's entry in its artifact. */
export function tableEntry(spec: Pick<TableSpec, "increment">, key: string): string {
  const { increment } = spec;
  return increment === undefined
    ? `${key}.table.json`
    : `${increment.num}-${increment.time}.${key}.table.json`;
}

/** Whether a cell is a date in its plain form. */
export function isDateCell(cell: CellSpec): cell is { readonly [MEDIA]: "date"; readonly time: number } {
  return isMediaSpec(cell) && (cell as { readonly [MEDIA]: string })[MEDIA] === "date";
}
