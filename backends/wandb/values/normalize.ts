import { TraceletError } from "../../../src/errors.js";
import type { NumericArray } from "../../../src/events/tensor.js";
import { Histogram, histogramOf } from "../media/histogram.js";
import { Media } from "../media/media.js";
import type { LoggedValue } from "./json.js";

/** Longest numeric array that is logged as a list; longer ones become histograms of as many bins. */
const MAX_LIST = 32;
/** Deeper values are taken for cycles. */
const MAX_DEPTH = 200;

/** Where a value goes: the configuration writes dates with `+00:00` instead of `Z`, and keeps long arrays as lists. */
export type NormalForm = "history" | "config";

/**
 * A script's value in the form that a record can hold, converted as the official client converts: typed arrays stand
 * for numpy arrays (one element: the number; up to 32: a list; more: a histogram), buffers are text, dates are ISO 8601,
 * sets are lists, maps are objects, functions are their names. Members that are undefined are left out.
 * Throws `invalid-value` for what has no form: media (log them under a key of their own), symbols, cycles.
 *
 * @param where - what the value is, for the message: `log()`, `config`
 */
export function normalizeValue(value: unknown, where: string, form: NormalForm = "history"): LoggedValue {
  return normalize(value, where, form, 0);
}

function normalize(value: unknown, where: string, form: NormalForm, depth: number): LoggedValue {
  if (depth > MAX_DEPTH) refuse(where, `nests deeper than ${MAX_DEPTH} levels; does it contain itself?`);
  switch (typeof value) {
    case "number":
    case "string":
    case "boolean":
    case "bigint":
      return value;
    case "undefined":
      return null;
    case "function":
      return value.name === "" ? "(anonymous function)" : value.name;
    case "symbol":
      return refuse(where, `a symbol (${String(value)}) cannot be logged`);
    default:
      break;
  }
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => normalize(item, where, form, depth + 1));
  if (Buffer.isBuffer(value)) return value.toString("utf8");
  if (ArrayBuffer.isView(value)) {
    if (value instanceof DataView)
      return refuse(where, "a DataView has no values of a type; give a typed array");
    return normalizeArray(value as NumericArray, form);
  }
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) return refuse(where, "an invalid Date cannot be logged");
    return isoDate(value, form === "config" ? "+00:00" : "Z");
  }
  if (value instanceof Histogram) return value.toJson();
  if (value instanceof Media)
    return refuse(where, "media cannot stand here; log them under a key of their own");
  if (value instanceof Set) return [...value].map((item) => normalize(item, where, form, depth + 1));
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  if (!(value instanceof Map) && typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return normalize((value as { toJSON(): unknown }).toJSON(), where, form, depth + 1);
  }
  const result: { [key: string]: LoggedValue } = Object.create(null);
  for (const [key, member] of entries) {
    if (member !== undefined) result[String(key)] = normalize(member, where, form, depth + 1);
  }
  return result;
}

/** A date as the official client writes an instant in UTC: microseconds, or none when they are zero. */
export function isoDate(date: Date, zone: "Z" | "+00:00" = "Z"): string {
  return (
    date
      .toISOString()
      .replace(/(\.\d{3})Z$/, (_, fraction: string) => (fraction === ".000" ? "" : `${fraction}000`)) + zone
  );
}

function normalizeArray(array: NumericArray, form: NormalForm): LoggedValue {
  if (array.length === 1) return array[0]!;
  if (array.length <= MAX_LIST || form === "config") return Array.from(array as Iterable<number | bigint>);
  return histogramOf(array, MAX_LIST);
}

function refuse(where: string, rule: string): never {
  throw new TraceletError("invalid-value", `${where}: ${rule}.`, { backend: "wandb" });
}
