import { createSeriesSet, type Series } from "../../../src/backend/series.js";
import type { HistoryItem, HistoryRecord, KeyedItem } from "../records/record.js";
import type { LoggedValue } from "../values/json.js";
import { parsed } from "./value-store.js";

/** What the rows of a run hold. */
export interface Rows {
  add(record: HistoryRecord): void;
  readonly count: () => number;
  /** Last values of the keys that W&B adds itself: `_step`, `_runtime` (s), `_timestamp` (s). */
  readonly internal: (key: "_step" | "_runtime" | "_timestamp") => number | undefined;
  readonly metrics: () => readonly Series[];
  /** Keys without numbers, with the kind of their last value. */
  readonly others: () => readonly (readonly [string, string])[];
}

export function createRows(): Rows {
  const metrics = createSeriesSet();
  const others = new Map<string, string>();
  const internal = new Map<string, number>();
  /** Of the media of one row. */
  const kinds = new Map<string, string>();
  let count = 0;

  const addValue = (name: string, value: LoggedValue): void => {
    if (typeof value === "number" || typeof value === "bigint") metrics.add(name, Number(value));
    else if (value !== null) others.set(name, kindOf(value));
  };

  return {
    add({ item: items = [] }) {
      count++;
      // Media are objects of several items, one of which tells the type; none of their numbers is a metric.
      let media: string[] | undefined;
      for (const item of items) {
        if (item.nestedKey?.at(-1) !== "_type" || item.nestedKey.length < 2) continue;
        const name = item.nestedKey.slice(0, -1).join(".");
        media ??= [];
        media.push(`${name}.`);
        kinds.set(name, String(loggedValue(item)));
      }
      if (media !== undefined) {
        for (const [name, kind] of kinds) {
          // The boxes of an image are part of it.
          if (!media.some((prefix) => name.startsWith(prefix))) others.set(name, kind);
        }
        kinds.clear();
      }
      for (const item of items) {
        const name = nameOf(item);
        const value = loggedValue(item);
        if (
          name.charCodeAt(0) === 0x5f &&
          (name === "_step" || name === "_runtime" || name === "_timestamp")
        ) {
          if (typeof value === "number") internal.set(name, value);
        } else if (media === undefined || !media.some((prefix) => name.startsWith(prefix))) {
          addValue(name, value);
        }
      }
    },
    count: () => count,
    internal: (key) => internal.get(key),
    metrics: () => metrics.build(),
    others: () => [...others],
  };
}

const nameOf = ({ nestedKey, key = "" }: KeyedItem): string => {
  if (nestedKey === undefined || nestedKey.length === 0) return key;
  return nestedKey.length === 1 ? nestedKey[0]! : nestedKey.join(".");
};

/** The value of an item in either of its forms; null when it is none. */
function loggedValue(item: HistoryItem): LoggedValue {
  const { valueJson } = item;
  if (valueJson === undefined) {
    return (
      item.number ??
      item.integer ??
      item.text ??
      item.boolean ??
      (item.json === undefined ? null : parsed(item.json))
    );
  }
  const first = valueJson.charCodeAt(0);
  // Most values are short numbers, and `Number` is several times as fast as a parser.
  if (first === 0x2d || (first >= 0x30 && first <= 0x39)) {
    const number = Number(valueJson);
    if (!Number.isNaN(number)) return number;
  }
  return parsed(valueJson);
}

function kindOf(value: LoggedValue): string {
  if (typeof value === "string") return "text";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return "list";
  const type = (value as { readonly [key: string]: LoggedValue | undefined })["_type"];
  return typeof type === "string" ? type : "object";
}
