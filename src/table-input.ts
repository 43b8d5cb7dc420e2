import { TraceletError } from "./errors.js";
import type { JsonObject, JsonValue, TableEvent } from "./events/event.js";
import { checkJson } from "./events/json.js";

/** A table: rows of cells under column names, or an array of objects, whose keys are the columns. */
export type TableInput =
  | { readonly columns: readonly string[]; readonly rows: readonly (readonly JsonValue[])[] }
  | readonly JsonObject[];

/** What a table call was given; throws `invalid-value` for rows that do not fit the columns. */
export function tableInput(table: TableInput, what: string): Pick<TableEvent, "columns" | "rows"> {
  const given = checkJson(table, what) as TableInput | null;
  const { columns, rows } = Array.isArray(given)
    ? columnsOf(given as readonly JsonObject[], what)
    : ((given ?? {}) as Partial<Exclude<TableInput, readonly JsonObject[]>>);
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === "string") || !Array.isArray(rows)) {
    throw new TraceletError("invalid-value", `${what}: give { columns, rows }, or an array of objects`);
  }
  for (const [index, row] of (rows as unknown[]).entries()) {
    if (Array.isArray(row) && row.length === columns.length) continue;
    const found = Array.isArray(row) ? `has ${row.length} cells` : "is no array";
    throw new TraceletError("invalid-value", `${what}: row ${index} ${found} for ${columns.length} columns`);
  }
  return { columns, rows };
}

/** The keys of all rows, in the order in which they appear. A row without a key has null there. */
export function columnsOf(
  objects: readonly JsonObject[],
  what: string,
): { columns: string[]; rows: JsonValue[][] } {
  const odd = objects.findIndex((row) => typeof row !== "object" || row === null || Array.isArray(row));
  if (odd >= 0) throw new TraceletError("invalid-value", `${what}: row ${odd} is no object`);
  const columns = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  // A column may be named as something that every object inherits.
  const cell = (object: JsonObject, column: string) =>
    Object.hasOwn(object, column) ? object[column]! : null;
  return { columns, rows: objects.map((object) => columns.map((column) => cell(object, column))) };
}
