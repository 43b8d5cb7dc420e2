import { TraceletError } from "../errors.js";
import type { JsonObject, JsonValue } from "./event.js";

/** Seconds since the epoch. */
export const wallTimeNow = (): number => Date.now() / 1000;

/** The tag, if it is a non-empty string. */
export function checkTag(tag: unknown): string {
  if (typeof tag === "string" && tag !== "") return tag;
  throw new TraceletError("invalid-value", `a tag must be a non-empty string, not ${show(tag)}`);
}

/** The step, if it is a safe integer or absent. */
export function checkStep(step: unknown): number | undefined {
  if (step === undefined || step === null) return undefined;
  if (Number.isSafeInteger(step)) return step as number;
  throw new TraceletError(
    "invalid-value",
    `a step must be an integer between -(2^53 - 1) and 2^53 - 1, not ${show(step)}`,
  );
}

/** A copy of the value as plain JSON data (NaN and infinities kept); throws naming where something else stands. */
export function checkJson(value: unknown, where: string): JsonValue {
  return copyJson(value, where, new Set());
}

/** The same for values by name. */
export function checkJsonObject(value: unknown, where: string): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value))
    return checkJson(value, where) as JsonObject;
  const given = Array.isArray(value) ? "an array" : show(value);
  throw new TraceletError(
    "invalid-value",
    `${where}: give an object of values by name, such as { lr: 0.1 }, not ${given}`,
  );
}

function copyJson(value: unknown, where: string, above: Set<object>): JsonValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    case "bigint":
      return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
    case "object":
      break;
    default:
      throw new TraceletError("invalid-value", `${where} is a ${typeof value}, which cannot be logged`);
  }
  const object = value as object;
  if (above.has(object)) throw new TraceletError("invalid-value", `${where} contains itself`);
  if (object instanceof Date) return object.toISOString();
  above.add(object);
  try {
    if (Array.isArray(object))
      return object.map((item, index) => copyJson(item, `${where}[${index}]`, above));
    if (ArrayBuffer.isView(object) && !(object instanceof DataView)) {
      return Array.from(object as unknown as ArrayLike<number | bigint>, (item) =>
        copyJson(item, where, above),
      );
    }
    if (object instanceof Map) return copyJson(Object.fromEntries(object), where, above);
    if (object instanceof Set) return copyJson([...object], where, above);
    const entries = Object.entries(object).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, copyJson(item, `${where}.${key}`, above)]));
  } finally {
    above.delete(object);
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty string" : JSON.stringify(value);
  if (typeof value === "object" && value !== null)
    return `an object of type ${value.constructor?.name ?? "unknown"}`;
  return String(value);
}
