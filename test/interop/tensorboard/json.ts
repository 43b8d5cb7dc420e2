/** What Python's json module prints. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export const isRecord = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Rebuilds a value from its leaves up: `change` sees every record, already changed inside, and returns its successor. */
export function rewrite(value: Json, change: (record: { readonly [key: string]: Json }) => Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => rewrite(item, change));
  if (!isRecord(value)) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rewrite(item, change)])));
}

/** A record without some keys. */
export const without = (record: { readonly [key: string]: Json }, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));

const shown = (value: Json | undefined) => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
};

/** The places where two values differ, one line each: `path: expected … found …`. Empty for equal values. */
export function differences(expected: Json | undefined, found: Json | undefined, path = ""): string[] {
  if (Array.isArray(expected) && Array.isArray(found)) {
    const length = Math.max(expected.length, found.length);
    return Array.from({ length }, (_, i) => differences(expected[i], found[i], `${path}[${i}]`)).flat();
  }
  if (isRecord(expected) && isRecord(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...keys].sort().flatMap((key) => differences(expected[key], found[key], `${path}/${key}`));
  }
  return Object.is(expected, found) ? [] : [`${path}: expected ${shown(expected)}, found ${shown(found)}`];
}
