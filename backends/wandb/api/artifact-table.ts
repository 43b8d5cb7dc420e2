import { readFile } from "node:fs/promises";
import { TraceletError } from "../../../src/errors.js";
import type { LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";

/** A table as an artifact keeps it. NaN and infinities are numbers. */
export interface ArtifactTable {
  readonly columns: readonly (string | number)[];
  /** Rows of cells. */
  readonly data: readonly (readonly LoggedValue[])[];
}

/** Reads the file of a table. */
export async function readTable(path: string): Promise<ArtifactTable> {
  const content = parseJson(await readFile(path, "utf8")) as Partial<ArtifactTable> | null;
  const { columns, data } = content ?? {};
  if (Array.isArray(columns) && Array.isArray(data)) return { columns, data } as ArtifactTable;
  throw new TraceletError("invalid-file", `${path} is no table: it has no columns and rows.`, {
    backend: "wandb",
  });
}
