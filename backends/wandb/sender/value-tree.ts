import type { KeyedItem } from "../records/record.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { parseJson } from "../values/parse-json.js";

/*
 * Rows, summaries and configurations are trees: items name a leaf by its path, and a leaf replaces what was below it as
 * a path below a leaf replaces the leaf. Leaves are kept as the JSON texts that the records hold, so that nothing of
 * them is lost on the way to the server.
 */

export type ValueTree = Map<string, ValueTree | string>;

/** The path an item names. */
export function pathOf({ key = "", nestedKey = [] }: KeyedItem): readonly string[] {
  return nestedKey.length > 0 ? nestedKey : [key];
}

/** Puts a JSON text at a path. */
export function setText(tree: ValueTree, path: readonly string[], text: string): void {
  let branch = tree;
  for (let i = 0; i < path.length - 1; i++) {
    let next = branch.get(path[i]!);
    if (!(next instanceof Map)) {
      next = new Map();
      branch.set(path[i]!, next);
    }
    branch = next;
  }
  branch.set(path.at(-1)!, text);
}

/** Puts a value at a path; the members of an object are merged into what is there, and an empty one changes nothing. */
export function mergeValue(tree: ValueTree, path: readonly string[], value: LoggedValue): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    setText(tree, path, encodeJson(value));
    return;
  }
  for (const [key, member] of Object.entries(value as { [key: string]: LoggedValue | undefined })) {
    if (member !== undefined) mergeValue(tree, [...path, key], member);
  }
}

/** Removes what is at a path and below it, and what is left empty by that; nothing when there is nothing. */
export function removePath(tree: ValueTree, path: readonly string[]): void {
  const [key, ...rest] = path;
  if (rest.length === 0) {
    tree.delete(key!);
    return;
  }
  const branch = tree.get(key!);
  if (!(branch instanceof Map)) return;
  removePath(branch, rest);
  if (branch.size === 0) tree.delete(key!);
}

/** The JSON text of a tree, on one line. */
export function treeJson(tree: ValueTree): string {
  let text = "{";
  for (const [key, node] of tree) {
    if (text.length > 1) text += ",";
    text += `${JSON.stringify(key)}:${typeof node === "string" ? node : treeJson(node)}`;
  }
  return `${text}}`;
}

/** A JSON number and nothing else. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * The JSON text of an item as it can stand in a line of its own; undefined when it is none. Such a value is left out, as
 * the official client does: it would make the whole line unreadable.
 */
export function checkedText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (NUMBER.test(text)) return text;
  try {
    parseJson(text);
  } catch {
    return undefined;
  }
  // Between values line breaks are spaces; inside strings they cannot stand.
  return /[\n\r\t]/.test(text) ? text.replace(/[\n\r\t]/g, " ") : text;
}
