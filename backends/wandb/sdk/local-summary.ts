import type { CapturedValue } from "../media/capture.js";
import type { SummaryEffects } from "./summary-view.js";

type Node = CapturedValue | Map<string, Node>;

/** The summary of a run that keeps nothing: what the script sets is what it reads again. */
export function createLocalSummary(): SummaryEffects {
  const root = new Map<string, Node>();

  const mapAt = (path: readonly string[], make: boolean): Map<string, Node> | undefined => {
    let map = root;
    for (const key of path) {
      let next = map.get(key);
      if (!(next instanceof Map)) {
        if (!make) return undefined;
        next = new Map();
        map.set(key, next);
      }
      map = next;
    }
    return map;
  };

  return {
    set(values) {
      for (const [path, value] of values) mapAt(path.slice(0, -1), true)!.set(path.at(-1)!, toNode(value));
    },
    remove: (path) => void mapAt(path.slice(0, -1), false)?.delete(path.at(-1)!),
    read(path) {
      if (path.length === 0) return toValue(root);
      const node = mapAt(path.slice(0, -1), false)?.get(path.at(-1)!);
      return node === undefined ? undefined : toValue(node);
    },
  };
}

function toNode(value: CapturedValue): Node {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return new Map(
    Object.entries(value as { [key: string]: CapturedValue }).map(([key, item]) => [key, toNode(item)]),
  );
}

function toValue(node: Node): CapturedValue {
  if (!(node instanceof Map)) return node;
  return Object.fromEntries([...node].map(([key, item]) => [key, toValue(item)]));
}
