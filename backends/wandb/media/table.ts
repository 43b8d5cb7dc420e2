import type { Artifact } from "../artifacts/artifact.js";
import type { ArtifactObject } from "../artifacts/artifact-object.js";
import { generateId } from "../run/run-id.js";
import { spacedJson } from "../values/file-json.js";
import { normalizeValue } from "../values/normalize.js";
import { assign, type ColumnType, describeType, optional, typeOfCell } from "./column-type.js";
import { Media } from "./media.js";
import { MEDIA, mediaError, nextMediaId } from "./media-spec.js";
import { tableJson } from "./table-json.js";
import { type CellSpec, type TableLogMode, type TableSpec, tableEntry } from "./table-spec.js";

/** Type of a column as a script names it. */
export type ColumnKind = "number" | "string" | "boolean" | "timestamp" | "any";

/** A cell: JSON, a date, a typed array, or a media object. */
export type Cell = unknown;

/** Columns and rows that a `Table` begins with. */
export interface TableOptions {
  /** Names of the columns. */
  columns?: readonly string[];
  /** Rows of cells, or objects with a member a column (columns are then taken from the first). */
  data?: readonly (readonly Cell[])[] | readonly { readonly [column: string]: Cell }[];
  /** Type of all columns, or of each; default: what the first cell is. */
  dtype?: ColumnKind | readonly ColumnKind[];
  /** Whether cells may be null, for all columns or each; default true. */
  optional?: boolean | readonly boolean[];
  /** Takes cells of any type in one column. */
  allowMixedTypes?: boolean;
  /** What logging the table again does; default `IMMUTABLE`. */
  logMode?: TableLogMode;
}

/**
 * Rows of cells under column names. A column takes cells of one type, which its first cell decides.
 *
 * @example
 * ```ts
 * const table = new wandb.Table({ columns: ["image", "label", "score"] });
 * table.addData(new wandb.Image("7.png"), "seven", 0.98);
 * run.log({ predictions: table });
 * ```
 */
export class Table implements ArtifactObject {
  readonly artifactSuffix = "table";
  /** Names of the columns, in order. */
  readonly columns: readonly string[];
  /** What logging the table again does. */
  readonly logMode: TableLogMode;
  readonly #rows: CellSpec[][] = [];
  readonly #types = new Map<string, ColumnType>();
  #id = nextMediaId();
  #spec: TableSpec | undefined;
  #loggedRows = 0;
  #increments = 0;
  #previousPaths: string[] = [];

  /** Throws `invalid-value` for columns without names, rows of another length, and cells of another type. */
  constructor(options: TableOptions = {}) {
    const { data = [], logMode = "IMMUTABLE" } = options;
    const first = data[0];
    const names =
      options.columns ?? (first !== undefined && !Array.isArray(first) ? Object.keys(first) : undefined);
    this.columns = checkColumns(names ?? ["Input", "Output", "Expected"]);
    if (!["IMMUTABLE", "MUTABLE", "INCREMENTAL"].includes(logMode)) {
      throw mediaError(`Table: logMode is IMMUTABLE, MUTABLE or INCREMENTAL, got "${logMode}".`);
    }
    this.logMode = logMode;
    this.columns.forEach((column, i) => {
      const kind = options.allowMixedTypes
        ? "any"
        : Array.isArray(options.dtype)
          ? options.dtype[i]
          : options.dtype;
      const type: ColumnType = { name: (kind as ColumnKind | undefined) ?? "unknown" };
      const nullable = Array.isArray(options.optional) ? options.optional[i] : options.optional;
      this.#types.set(column, (nullable ?? true) ? optional(type) : type);
    });
    for (const row of data)
      this.addData(...(Array.isArray(row) ? row : this.#cellsOf(row as { [column: string]: Cell })));
  }

  /** Number of rows. */
  get length(): number {
    return this.#rows.length;
  }

  /** Adds a row. Throws `invalid-value` when it has another length or a cell of another type. */
  addData(...cells: readonly Cell[]): void {
    if (cells.length !== this.columns.length) {
      throw mediaError(
        `Table: a row has ${this.columns.length} cells (${this.columns.join(", ")}), got ${cells.length}.`,
      );
    }
    const types = cells.map((cell, i) => this.#typeWith(this.columns[i]!, cell));
    const row = cells.map((cell) => cellSpec(cell));
    types.forEach((type, i) => {
      this.#types.set(this.columns[i]!, type);
    });
    this.#rows.push(row);
    this.#changed();
  }

  /** Adds a column with a cell for each row; with `optional` cells may be null. Throws `invalid-value` for a name that is taken or another length. */
  addColumn(name: string, cells: readonly Cell[], options: { optional?: boolean } = {}): void {
    if (this.#rows.length > 0 && cells.length !== this.#rows.length) {
      throw mediaError(`Table: the column "${name}" needs ${this.#rows.length} cells, got ${cells.length}.`);
    }
    const columns = checkColumns([...this.columns, name]);
    (this as { columns: readonly string[] }).columns = columns;
    this.#types.set(name, options.optional ? optional({ name: "unknown" }) : { name: "unknown" });
    cells.forEach((cell, i) => {
      this.#types.set(name, this.#typeWith(name, cell));
      this.#rows[i] = [...(this.#rows[i] ?? []), cellSpec(cell)];
    });
    this.#changed();
  }

  /** Adds columns computed from the cells of each row. Throws `invalid-value` as `addColumn`. */
  addComputedColumns(
    compute: (index: number, row: { readonly [column: string]: Cell }) => { readonly [column: string]: Cell },
  ): void {
    const added = new Map<string, Cell[]>();
    this.#rows.forEach((row, index) => {
      const cells = Object.fromEntries(this.columns.map((column, i) => [column, row[i]]));
      for (const [column, cell] of Object.entries(compute(index, cells))) {
        added.set(column, [...(added.get(column) ?? []), cell]);
      }
    });
    for (const [column, cells] of added) this.addColumn(column, cells);
  }

  /** The text of the table's entry in an artifact; the files of its media are added to the artifact. */
  toArtifactText(artifact: Artifact): string {
    return spacedJson(tableJson(this.#current(undefined), artifact));
  }

  /** The table in its plain form, as it is to be logged under a key; called when it is logged. */
  toSpec(key: string): TableSpec {
    if (this.#spec !== undefined) return this.#spec;
    const increment =
      this.logMode === "INCREMENTAL"
        ? { num: this.#increments, time: Date.now(), previousPaths: [...this.#previousPaths] }
        : undefined;
    this.#spec = this.#current(increment);
    if (increment !== undefined) {
      this.#loggedRows = this.#rows.length;
      this.#increments++;
      this.#previousPaths.push(
        `wandb-client-artifact://${this.#spec.clientId}/${tableEntry(this.#spec, key)}`,
      );
    }
    return this.#spec;
  }

  #current(increment: TableSpec["increment"]): TableSpec {
    return {
      [MEDIA]: "table",
      id: this.#id,
      columns: [...this.columns],
      columnTypes: Object.fromEntries(this.#types),
      rows: increment === undefined ? [...this.#rows] : this.#rows.slice(this.#loggedRows),
      count: this.#rows.length,
      logMode: this.logMode,
      clientId: generateId(128),
      sequenceClientId: generateId(128),
      ...(increment === undefined ? {} : { increment }),
    };
  }

  #typeWith(column: string, cell: Cell): ColumnType {
    const known = this.#types.get(column)!;
    const given = typeOfCell(cell, mediaColumnType);
    const type = assign(known, given);
    if (type !== undefined) return type;
    throw mediaError(
      `Table: the column "${column}" takes ${describeType(known)}, and a cell is ${describeType(given)}. ` +
        "Pass { allowMixedTypes: true } or a dtype when that is meant.",
    );
  }

  #cellsOf(row: { readonly [column: string]: Cell }): Cell[] {
    const unknown = Object.keys(row).find((key) => !this.columns.includes(key));
    if (unknown !== undefined) {
      throw mediaError(
        `Table: a row has "${unknown}", which is none of the columns ${this.columns.join(", ")}.`,
      );
    }
    return this.columns.map((column) => row[column] ?? null);
  }

  /** An immutable table stays what it was when it was logged. */
  #changed(): void {
    if (this.#spec === undefined || this.logMode === "IMMUTABLE") return;
    this.#spec = undefined;
    this.#id = nextMediaId();
  }
}

function checkColumns(columns: readonly string[]): readonly string[] {
  if (columns.some((column) => typeof column !== "string")) throw mediaError("Table: columns are names.");
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw mediaError(`Table: the column "${twice}" is there twice.`);
  return [...columns];
}

function mediaColumnType(value: object): ColumnType | undefined {
  return value instanceof Media ? value.columnType : undefined;
}

function cellSpec(cell: Cell): CellSpec {
  if (cell instanceof Media) return cell.spec;
  if (cell instanceof Date) {
    if (Number.isNaN(cell.getTime())) throw mediaError("Table: a cell is an invalid Date.");
    return { [MEDIA]: "date", time: cell.getTime() };
  }
  if (ArrayBuffer.isView(cell) && !Buffer.isBuffer(cell))
    return Array.from(cell as unknown as ArrayLike<number>);
  return normalizeValue(cell, "Table");
}
