import type { JsonObject, JsonValue } from "../../src/events/event.js";

/** A JSON value as text in a table; numbers JSON does not know (NaN, the infinities) are written by name. */
export function cellText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? toJson(value) : String(value);
}

/** JSON text in which NaN and the infinities are strings. */
export function toJson(value: JsonValue, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, item: unknown) => (typeof item === "number" && !Number.isFinite(item) ? String(item) : item),
    indent,
  );
}

function escapeCell(text: string): string {
  return text.replace(/[\\|]/g, "\\$&").replace(/\r\n?|\n/g, " ");
}

/** A Markdown table. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly JsonValue[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [
    line(columns),
    `|${" --- |".repeat(columns.length)}`,
    ...rows.map((row) => line(columns.map((_, i) => cellText(row[i])))),
  ].join("\n");
}

/** Text that is shown as it is, in a fence longer than any run of backticks in it. */
export function fencedBlock(language: string, text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Nested objects as one level: `{a: {b: 1}}` gives `a.b`; lists stay as they are. */
export function flatten(object: JsonObject, prefix = ""): [name: string, value: JsonValue][] {
  return Object.entries(object).flatMap(([key, value]): [string, JsonValue][] => {
    const name = prefix + key;
    const isNested = typeof value === "object" && value !== null && !Array.isArray(value);
    return isNested && Object.keys(value).length > 0
      ? flatten(value as JsonObject, `${name}.`)
      : [[name, value]];
  });
}
