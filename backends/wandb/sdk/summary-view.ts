import { inspect } from "node:util";
import { type CapturedValue, captureRow } from "../media/capture.js";
import { isMediaSpec } from "../media/media-spec.js";
import { encodeJson, type LoggedValue } from "../values/json.js";

/** What a summary writes to and reads from. */
export interface SummaryEffects {
  set(values: readonly (readonly [path: readonly string[], value: CapturedValue])[]): void;
  remove(path: readonly string[]): void;
  /** The value at a path; waits for what was logged before. */
  read(path: readonly string[]): unknown;
}

/**
 * The results of a run (Python: `run.summary`): the last values of what was logged, and what the script sets. Keys can be
 * read, set and deleted as members, nested ones too; those named like a method only with `get` and `set`.
 *
 * Reading waits for the logging worker (about a millisecond); setting does not.
 *
 * @example
 * ```ts
 * run.summary.bestAccuracy = 0.93;
 * delete run.summary.loss;
 * console.log(run.summary.get("accuracy"));
 * ```
 */
export interface Summary {
  /** A key's value; undefined when it has none. */
  get(key: string): unknown;
  /** Sets one value, over the one derived from rows; the next row that logs the key replaces it. */
  set(key: string, value: unknown): void;
  /** Sets several values. */
  update(values: { readonly [key: string]: unknown }): void;
  /** All values. */
  toObject(): { [key: string]: LoggedValue };
  [key: string]: unknown;
}

/** In summaries that a script sets, NaN is null, and kept in lists only, as in the official client. */
function nullForNaN(value: CapturedValue): CapturedValue {
  if (Number.isNaN(value)) return null;
  if (typeof value !== "object" || value === null || Array.isArray(value) || isMediaSpec(value)) return value;
  return Object.fromEntries(
    Object.entries(value as { readonly [key: string]: CapturedValue }).map(([key, member]) => [
      key,
      nullForNaN(member),
    ]),
  );
}

type ToObject = () => { [key: string]: LoggedValue };

/** What a proxy stands over, so that `console.log` shows its values: Node looks there, past the proxy. */
export const inspectable = (toObject: ToObject): object => ({ [inspect.custom]: toObject });

/** What a proxy's symbols are: a text of its values, for `${run.config}`. */
export const symbolOf = (key: symbol, toObject: ToObject): unknown =>
  key === Symbol.toPrimitive ? () => encodeJson(toObject()) : undefined;

/** The summary below a path. */
export function createSummaryView(effects: SummaryEffects, path: readonly string[] = []): Summary {
  const set = (values: { readonly [key: string]: unknown }): void => {
    const { data } = captureRow(values);
    const entries = Object.entries(data);
    if (entries.length > 0) effects.set(entries.map(([key, value]) => [[...path, key], nullForNaN(value)]));
  };
  const get = (key: string): unknown => {
    const value = effects.read([...path, key]);
    const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
    return isPlain ? createSummaryView(effects, [...path, key]) : value;
  };
  const toObject = (): { [key: string]: LoggedValue } =>
    (effects.read(path) as { [key: string]: LoggedValue } | undefined) ?? {};
  const methods: { readonly [name: string]: unknown } = {
    get,
    set: (key: string, value: unknown) => set({ [key]: value }),
    update: set,
    toObject,
  };
  return new Proxy(inspectable(toObject) as Summary, {
    get: (_, key) => {
      if (typeof key === "symbol") return symbolOf(key, toObject);
      return Object.hasOwn(methods, key) ? methods[key] : get(key);
    },
    set(_, key, value) {
      if (typeof key === "symbol") return false;
      set({ [key]: value });
      return true;
    },
    deleteProperty(_, key) {
      if (typeof key === "symbol") return false;
      effects.remove([...path, key]);
      return true;
    },
    has: (_, key) =>
      typeof key === "string" && (Object.hasOwn(methods, key) || Object.hasOwn(toObject(), key)),
    ownKeys: () => Object.keys(toObject()),
    getOwnPropertyDescriptor(_, key) {
      const values = toObject();
      if (typeof key === "symbol" || !Object.hasOwn(values, key)) return undefined;
      return { value: values[key], enumerable: true, configurable: true, writable: true };
    },
  });
}
