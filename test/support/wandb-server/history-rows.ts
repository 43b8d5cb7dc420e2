import type { JsonValue } from "#src/events/event.js";
import { writtenLines } from "./line-file.js";
import { parseLooseObject, toPlainJson } from "./loose-json.js";
import type { Run } from "./store.js";

type Row = { readonly [key: string]: JsonValue };

const rowsOf = (run: Run): { readonly text: string; readonly row: Row }[] =>
  writtenLines(run.history).map((text) => ({ text, row: parseLooseObject(text) }));

const stepOf = (row: Row): number => (typeof row["_step"] === "number" ? row["_step"] : 0);

/** Evenly picked items, the first and the last among them. */
function sample<Item>(items: readonly Item[], count: number): readonly Item[] {
  if (items.length <= count) return items;
  return Array.from(
    { length: count },
    (_, index) => items[Math.round((index * (items.length - 1)) / Math.max(1, count - 1))]!,
  );
}

/** A key of a row, whole or as a path into nested objects (`a.b`). */
function valueAt(row: Row, key: string): JsonValue | undefined {
  if (key in row) return row[key];
  let at: JsonValue | undefined = row;
  for (const part of key.split("."))
    at =
      typeof at === "object" && at !== null ? (at as { readonly [key: string]: JsonValue })[part] : undefined;
  return at;
}

/**
 * `sampledHistory(specs)`: per spec the rows that have all its keys, only those keys. `maxStep` belongs to the range.
 */
export function sampledHistory(run: Run, specs: readonly string[]): JsonValue[] {
  const rows = rowsOf(run);
  return specs.map((text) => {
    const spec = JSON.parse(text) as {
      readonly keys?: readonly string[];
      readonly samples?: number;
      readonly minStep?: number;
      readonly maxStep?: number;
    };
    const keys = spec.keys ?? [];
    const matching = rows
      .map(({ row }) => row)
      .filter((row) => stepOf(row) >= (spec.minStep ?? 0) && stepOf(row) <= (spec.maxStep ?? Infinity))
      .filter((row) => keys.every((key) => valueAt(row, key) !== undefined));
    return sample(matching, spec.samples ?? 500).map((row) =>
      keys.length === 0
        ? toPlainJson(row)
        : Object.fromEntries(keys.map((key) => [key, toPlainJson(valueAt(row, key)!)])),
    );
  });
}

/**
 * `history(minStep, maxStep, samples)`: whole rows as JSON texts; `maxStep` does not belong to the range. A page asks
 * for as many samples as it has steps, and gets all rows, also where writers of a shared run used a step twice.
 */
export function historyTexts(run: Run, minStep: number, maxStep: number, samples: number): string[] {
  const rows = rowsOf(run).filter(({ row }) => stepOf(row) >= minStep && stepOf(row) < maxStep);
  return (samples >= maxStep - minStep ? rows : sample(rows, samples)).map(({ text }) => text);
}

/** `historyKeys`: which keys rows hold, and the last step. */
export function historyKeys(run: Run): JsonValue {
  const keys: { [key: string]: { typeCounts: { type: string; count: number }[] } } = {};
  let lastStep = -1;
  for (const { row } of rowsOf(run)) {
    lastStep = Math.max(lastStep, stepOf(row));
    for (const [key, value] of Object.entries(row)) {
      const type = typeof value === "number" ? "number" : typeof value === "string" ? "string" : "map";
      keys[key] ??= { typeCounts: [] };
      const counted = keys[key].typeCounts.find((entry) => entry.type === type);
      if (counted === undefined) keys[key].typeCounts.push({ type, count: 1 });
      else counted.count += 1;
    }
  }
  return { sets: [], keys, lastStep };
}

/** The last line as clients read it when they resume: a JSON array of JSON texts. */
export function tailOf(lines: readonly string[]): string {
  return JSON.stringify(lines.slice(-1));
}
