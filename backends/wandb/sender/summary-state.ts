import type { UpdateRecord } from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";
import { checkedText, pathOf, removePath, setText, treeJson, type ValueTree } from "./value-tree.js";

/** The summary of a run as the server is told: always all of it. */
export interface SummaryState {
  /** Takes the updates and removals of a record. */
  update(record: UpdateRecord): void;
  /** The whole summary as a JSON text on one line, with the bare tokens NaN, Infinity and -Infinity. */
  json(): string;
  /** Updates left out so far because their texts are no JSON. */
  readonly unreadable: () => number;
}

/**
 * Makes the summary of a run out of its records. A value is kept as it is, an object too: a later value at a path below
 * it replaces the object. Null is no value: it removes the one before.
 *
 * @param resumed the summary the server holds of a resumed run, a JSON text; default: empty
 *
 * @example
 * ```ts
 * const summary = createSummaryState();
 * for (const { record } of readTransactionLog(path)) if (record.summary) summary.update(record.summary);
 * stream.summary(summary.json());
 * ```
 */
export function createSummaryState(resumed = "{}"): SummaryState {
  const tree: ValueTree = new Map();
  const before = parseJson(resumed);
  if (isObject(before)) restore(tree, [], before);
  let unreadable = 0;
  return {
    update({ update = [], remove = [] }) {
      for (const item of update) {
        const path = pathOf(item);
        const text = checkedText(item.valueJson);
        if (text === undefined) unreadable++;
        else setText(tree, path, text);
        if (text === "null") removePath(tree, path);
      }
      for (const item of remove) removePath(tree, pathOf(item));
    },
    json: () => treeJson(tree),
    unreadable: () => unreadable,
  };
}

type JsonObject = { readonly [key: string]: LoggedValue | undefined };

const isObject = (value: LoggedValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Objects become branches, so that a value at a path below them leaves the others alone. */
function restore(tree: ValueTree, path: readonly string[], value: JsonObject): void {
  for (const [key, member] of Object.entries(value)) {
    if (isObject(member) && Object.keys(member).length > 0) restore(tree, [...path, key], member);
    else if (member !== undefined) setText(tree, [...path, key], encodeJson(member));
  }
}
