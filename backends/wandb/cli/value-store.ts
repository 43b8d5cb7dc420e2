import type { JsonValue } from "../../../src/events/event.js";
import type { KeyedItem, UpdateRecord } from "../records/record.js";
import type { LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";

/** A nested object that update records change: a run's configuration or summary. */
export interface ValueStore {
  apply(record: UpdateRecord): void;
  /** As plain JSON; integers beyond 2^53 are texts. */
  read(): { readonly [name: string]: JsonValue };
}

/** A separator that no key holds by chance. */
const BETWEEN = "\0";

/** Only the last text of each path is kept, and parsed when it is read: a run may have a million updates. */
export function createValueStore(): ValueStore {
  const texts = new Map<string, string>();
  const pathOf = ({ nestedKey, key = "" }: KeyedItem): string =>
    nestedKey !== undefined && nestedKey.length > 0 ? nestedKey.join(BETWEEN) : key;
  return {
    apply({ update = [], remove = [] }) {
      for (const item of update) {
        const path = pathOf(item);
        // Put at the end, as what is below or above it was overwritten by it.
        texts.delete(path);
        texts.set(path, item.valueJson ?? "null");
      }
      for (const item of remove) {
        const path = pathOf(item);
        for (const each of texts.keys())
          if (each === path || each.startsWith(path + BETWEEN)) texts.delete(each);
      }
    },
    read() {
      const root: { [name: string]: JsonValue } = Object.create(null);
      for (const [path, text] of texts) put(root, path.split(BETWEEN), plain(parsed(text)));
      return root;
    },
  };
}

function put(root: { [name: string]: JsonValue }, path: readonly string[], value: JsonValue): void {
  let object = root;
  for (const key of path.slice(0, -1)) {
    const below = object[key];
    if (typeof below !== "object" || below === null || Array.isArray(below))
      object[key] = Object.create(null);
    object = object[key] as { [name: string]: JsonValue };
  }
  object[path.at(-1)!] = value;
}

/** The objects have no prototype, so that a key named `__proto__` is a key. */
function plain(value: LoggedValue): JsonValue {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return value.map((item) => plain(item as LoggedValue));
  if (typeof value !== "object" || value === null) return value as JsonValue;
  const object: { [key: string]: JsonValue } = Object.create(null);
  for (const [key, member] of Object.entries(value))
    if (member !== undefined) object[key] = plain(member as LoggedValue);
  return object;
}

/** The value of a JSON text in W&B's form; null when it is none, as the official client leaves it out. */
export function parsed(text: string): LoggedValue {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}
