import type { JsonValue } from "#src/events/event.js";

/**
 * Reads JSON as W&B clients write it: the bare tokens `NaN`, `Infinity` and `-Infinity` are allowed wherever a number
 * may stand.
 *
 * @throws SyntaxError when the text is not that.
 */
export function parseLooseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  // Strings are matched first, so that tokens inside them stay; the mark cannot come out of a JSON writer.
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : `"\\u0000${token}"`,
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith("\0") ? Number(value.slice(1)) : value,
  ) as JsonValue;
}

/** Reads a JSON object in the same way; anything else counts as empty. */
export function parseLooseObject(text: string): { [key: string]: JsonValue } {
  const value = parseLooseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as { [key: string]: JsonValue })
    : {};
}

/** A value that plain JSON can carry: numbers JSON has no words for become their names. */
export function toPlainJson(value: JsonValue): JsonValue {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return value.map(toPlainJson);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlainJson(item)]));
  return value;
}
