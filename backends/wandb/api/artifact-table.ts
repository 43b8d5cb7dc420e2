import { readFile } from "node:fs/promises";
import { TraceletError } from "../../../src/errors.js";
import { type Cell, Table } from "../media/table.js";
import { parseJson } from "../values/parse-json.js";

/** Reads the file of a table: columns, and rows whose cells may be NaN. */
export async function readTable(path: string): Promise<Table> {
  const content = parseJson(await readFile(path, "utf8")) as { columns?: unknown; data?: unknown } | null;
  const { columns, data } = content ?? {};
  if (!Array.isArray(columns) || !Array.isArray(data)) {
    throw new TraceletError("invalid-file", `${path} is no table: it has no columns and rows.`, {
      backend: "wandb",
    });
  }
  return new Table({ columns: columns as string[], data: data as Cell[][], allowMixedTypes: true });
}
