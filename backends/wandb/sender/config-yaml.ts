import { stringify } from "yaml";
import type { LoggedValue } from "../values/json.js";

/**
 * The text of `config.yaml` as Go's yaml.v3 lays it out: keys in natural order, indented by four, lists indented under
 * their key, no document marker, and texts quoted that YAML 1.1 would take for something else.
 */
export function configYaml(config: LoggedValue): string {
  return stringify(config, {
    version: "1.1",
    directives: false,
    indent: 4,
    lineWidth: 0,
    aliasDuplicateObjects: false,
    sortMapEntries: (a, b) => naturalOrder(keyText(a.key), keyText(b.key)),
  });
}

const keyText = (key: unknown): string => String((key as { readonly value?: unknown })?.value ?? key);

/** Runs of digits compare as numbers: `t9` before `t10`. */
function naturalOrder(a: string, b: string): number {
  const others = /(\d+)/;
  const left = a.split(others);
  const right = b.split(others);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const one = left[i]!;
    const other = right[i]!;
    if (one === other) continue;
    if (i % 2 === 1 && Number(one) !== Number(other)) return Number(one) - Number(other);
    return one < other ? -1 : 1;
  }
  return left.length - right.length;
}
