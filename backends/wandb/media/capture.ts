import type { LoggedValue } from "../values/json.js";
import { normalizeValue } from "../values/normalize.js";
import { CustomChart } from "./custom-chart.js";
import { Media } from "./media.js";
import type { MediaSpec } from "./media-spec.js";
import { Table } from "./table.js";
import type { TableSpec } from "./table-spec.js";

/** A logged value in its plain form, media still to be written. */
export type CapturedValue =
  | LoggedValue
  | MediaSpec
  | TableSpec
  | readonly CapturedValue[]
  | { readonly [key: string]: CapturedValue };

/** What a call to `log` carries to the logging worker: plain data. */
export interface CapturedRow {
  readonly data: { readonly [key: string]: CapturedValue };
  /** Entries of the configuration below `_wandb` that charts need. */
  readonly charts: readonly { readonly path: readonly string[]; readonly value: LoggedValue }[];
}

/**
 * Takes what a script logs in its plain form, on the script's thread: media and tables become their specifications,
 * charts their table and configuration, the rest JSON. Throws `invalid-value` for what cannot be logged.
 */
export function captureRow(data: { readonly [key: string]: unknown }): CapturedRow {
  const charts: { path: readonly string[]; value: LoggedValue }[] = [];
  const tables: { [key: string]: CapturedValue } = {};
  const captured = captureObject(data, (chart, key) => {
    charts.push({ path: ["visualize", key], value: chart.configValue(key) });
    tables[chart.tableKey(key)] = chart.table.toSpec(chart.tableKey(key));
  });
  return { data: { ...captured, ...tables }, charts };
}

type TakeChart = (chart: CustomChart, key: string) => void;

function captureObject(
  data: { readonly [key: string]: unknown },
  takeChart: TakeChart,
  prefix = "",
  depth = 0,
): { [key: string]: CapturedValue } {
  const captured: { [key: string]: CapturedValue } = {};
  for (const [key, value] of Object.entries(data)) {
    if (value === undefined) continue;
    if (typeof value === "number" && key !== "__proto__") captured[key] = value;
    else if (value instanceof CustomChart) takeChart(value, prefix + key);
    else if (isPlainObject(value) && depth < 100) {
      setOwn(captured, key, captureObject(value, takeChart, `${prefix}${key}.`, depth + 1));
    } else setOwn(captured, key, captureValue(key, value));
  }
  return captured;
}

function captureValue(key: string, value: unknown): CapturedValue {
  if (value instanceof Media) return value.spec;
  if (value instanceof Table) return value.toSpec(key);
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => item instanceof Media || item instanceof Table)
  ) {
    return value.map((item) => captureValue(key, item));
  }
  return normalizeValue(value, `log(): "${key}"`);
}

function isPlainObject(value: unknown): value is { readonly [key: string]: unknown } {
  if (typeof value !== "object" || value === null || "toJSON" in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** `__proto__` is a key as any other. */
function setOwn(target: { [key: string]: CapturedValue }, key: string, value: CapturedValue): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
