import { TraceletError } from "../errors.js";

/** The error for a logged value outside the rules. */
export function invalid(message: string, cause?: unknown): TraceletError {
  return new TraceletError("invalid-value", message, { cause });
}

/** Short words for a wrong value, safe for anything a caller can pass. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the string ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
  return typeof name === "string" && name !== "" ? `an object (${name})` : "an object";
}
