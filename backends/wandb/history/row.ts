import type { LoggedValue } from "../values/json.js";

/**
 * A history row, or a part of it: objects are branches, everything else is a leaf, arrays too. Branches are Maps, so
 * that any key is safe and the order is that of logging.
 */
export type Branch = Map<string, Node>;
export type Leaf = Exclude<LoggedValue, { readonly [key: string]: LoggedValue | undefined }>;
export type Node = Branch | Leaf;

/** Whether a logged value is an object, which becomes a branch. */
export function isObject(value: LoggedValue): value is { readonly [key: string]: LoggedValue | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Puts logged values into a row as the official client does: objects merge, a leaf and a branch replace each other, empty objects vanish. */
export function mergeInto(branch: Branch, data: { readonly [key: string]: LoggedValue | undefined }): void {
  for (const key in data) {
    const value = data[key];
    if (value !== undefined) mergeValue(branch, key, value);
  }
}

function mergeValue(branch: Branch, key: string, value: LoggedValue): void {
  if (!isObject(value)) {
    branch.set(key, value as Leaf);
    return;
  }
  const known = branch.get(key);
  if (known instanceof Map) {
    mergeInto(known, value);
    return;
  }
  const fresh: Branch = new Map();
  mergeInto(fresh, value);
  if (fresh.size > 0) branch.set(key, fresh);
}

/** Calls `visit` for every leaf with its path; the path array is reused. */
export function eachLeaf(
  branch: Branch,
  visit: (path: readonly string[], leaf: Leaf) => void,
  path: string[] = [],
): void {
  for (const [key, node] of branch) {
    path.push(key);
    if (node instanceof Map) eachLeaf(node, visit, path);
    else visit(path, node);
    path.pop();
  }
}

/** The leaf at a path, or undefined. */
export function leafAt(branch: Branch, path: readonly string[]): Leaf | undefined {
  let node: Node | undefined = branch;
  for (const key of path) {
    if (!(node instanceof Map)) return undefined;
    node = node.get(key);
  }
  return node instanceof Map ? undefined : node;
}
