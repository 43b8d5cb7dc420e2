import { maskParams } from "../../../src/collectors/secrets.js";
import type { JsonObject } from "../../../src/events/event.js";
import type { RunConfig } from "../config/config.js";
import type { KeyedItem, UpdateRecord } from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { inspectable, symbolOf } from "./summary-view.js";

/**
 * The inputs of a run (Python: `run.config`). Keys can be read and set as members; those named like a method only with
 * `get` and `set`.
 *
 * @example
 * ```ts
 * run.config.batchSize = 32;
 * run.config.update({ lr: 0.01 }, { allowValChange: true });
 * console.log(run.config.get("lr"));
 * ```
 */
export interface Config {
  /** A key's value; undefined when it has none. */
  get(key: string): LoggedValue | undefined;
  /** Sets one value. Throws `invalid-value` when the key has another one already. */
  set(key: string, value: unknown): void;
  /**
   * Sets values. Throws `invalid-value` when a key has another value already, unless `allowValChange`; keys of a sweep keep
   * theirs, with a warning.
   */
  update(values: { readonly [key: string]: unknown }, options?: { allowValChange?: boolean }): void;
  /** Sets the values of keys that have none (Python: `setdefaults`). */
  setDefaults(values: { readonly [key: string]: unknown }): void;
  /** A copy of all values. */
  toObject(): { [key: string]: LoggedValue };
  [key: string]: unknown;
}

/** A configuration's values as records, with what looks like a secret masked: scripts keep reading it, files do not hold it. */
export function configItems(config: RunConfig, record: UpdateRecord): UpdateRecord {
  const items = (record.update ?? []).map((item): KeyedItem => {
    const value = item.key === undefined ? undefined : config.get(item.key);
    if (value === undefined || item.key === "_wandb") return item;
    const masked = maskParams({ [item.key!]: nullForNaN(value) } as JsonObject);
    return { key: item.key!, valueJson: encodeJson(masked[item.key!] as LoggedValue) };
  });
  return { update: items };
}

/** In configurations NaN is null, as in the official client; the infinities stay. */
function nullForNaN(value: LoggedValue): LoggedValue {
  if (Number.isNaN(value)) return null;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => nullForNaN(item as LoggedValue));
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, member === undefined ? null : nullForNaN(member)]),
  );
}

const METHODS: ReadonlySet<string> = new Set(["get", "set", "update", "setDefaults", "toObject"]);

/** A configuration whose keys are members. */
export function createConfigView(config: RunConfig): Config {
  const toObject = () => config.toObject();
  return new Proxy(inspectable(toObject), {
    get(_, key) {
      if (typeof key === "symbol") return symbolOf(key, toObject);
      return METHODS.has(key) ? config[key as "get"].bind(config) : config.get(key);
    },
    set(_, key, value) {
      if (typeof key === "symbol") return false;
      config.set(key, value);
      return true;
    },
    has: (_, key) => typeof key === "string" && (METHODS.has(key) || config.get(key) !== undefined),
    ownKeys: () => Object.keys(toObject()),
    getOwnPropertyDescriptor(_, key) {
      const value = typeof key === "string" ? config.get(key) : undefined;
      if (value === undefined) return undefined;
      return { value, enumerable: true, configurable: true, writable: true };
    },
  }) as unknown as Config;
}
