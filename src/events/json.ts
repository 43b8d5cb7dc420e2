import { types } from "node:util";
import { messageOf, TraceletError } from "../errors.js";
import type { JsonObject, JsonValue } from "./event.js";

/** Deeper values are taken for data structures that never end, such as linked lists; W&B's own rows nest no deeper. */
const MAX_DEPTH = 200;

/**
 * A copy of the value as plain JSON data (NaN and infinities kept), made as `JSON.stringify` makes it: `toJSON` is asked,
 * members that are undefined are left out. Beyond that typed arrays and sets are lists, maps are objects, and errors and
 * regular expressions are their texts.
 *
 * @param where what the value is, for the message
 * @throws TraceletError `invalid-value` naming where something stands that has no such form, or cannot be read
 */
export function checkJson(value: unknown, where: string): JsonValue {
  return copy(value, where, "", new Set());
}

/** As `checkJson`, for what has to be an object of values by name. */
export function checkJsonObject(value: unknown, where: string): JsonObject {
  const copied = checkJson(value, where);
  if (typeof copied === "object" && copied !== null && !Array.isArray(copied)) return copied as JsonObject;
  throw refused(where, `must be an object of values by name, such as { lr: 0.1 }, not ${nameOf(value)}`);
}

function copy(value: unknown, where: string, key: string, above: Set<object>): JsonValue {
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
      throw refused(where, `is a ${typeof value}, which cannot be logged`);
  }
  if (above.has(value)) throw refused(where, "contains itself");
  if (above.size === MAX_DEPTH) throw refused(where, `nests deeper than ${MAX_DEPTH} levels`);
  above.add(value);
  try {
    return copyObject(value, where, key, above);
  } catch (error) {
    if (error instanceof TraceletError) throw error;
    // A getter, a proxy or a toJSON of the caller's.
    throw refused(where, `cannot be read: ${messageOf(error)}`, error);
  } finally {
    above.delete(value);
  }
}

function copyObject(object: object, where: string, key: string, above: Set<object>): JsonValue {
  if (Array.isArray(object))
    return Array.from(object, (item, i) => copy(item, `${where}[${i}]`, `${i}`, above));
  if (types.isTypedArray(object))
    return Array.from(object as ArrayLike<number | bigint>, (item) => copy(item, where, key, above));
  if (types.isDate(object)) {
    if (Number.isNaN(object.getTime())) throw refused(where, "is an invalid date");
    return object.toISOString();
  }
  if (types.isMap(object)) return copyEntries([...object], where, above);
  if (types.isSet(object)) return copy([...object], where, key, above);
  if (types.isPromise(object)) throw refused(where, "is a promise; await it first");
  if (types.isAnyArrayBuffer(object) || types.isDataView(object))
    throw refused(where, "holds bytes of no type; give a typed array");
  const { toJSON } = object as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return copy(toJSON.call(object, key), where, key, above);
  if (types.isBoxedPrimitive(object)) return copy(object.valueOf(), where, key, above);
  if (types.isNativeError(object) || types.isRegExp(object)) return String(object);
  return copyEntries(Object.entries(object), where, above);
}

function copyEntries(
  entries: readonly (readonly [unknown, unknown])[],
  where: string,
  above: Set<object>,
): JsonObject {
  return Object.fromEntries(
    entries.flatMap(([key, item]) => {
      if (item === undefined) return [];
      if (typeof key === "object" || typeof key === "symbol" || typeof key === "function")
        throw refused(where, `is a map with ${nameOf(key)} as a key, which is no name`);
      return [[String(key), copy(item, `${where}.${key}`, `${key}`, above)]];
    }),
  );
}

function refused(where: string, rule: string, cause?: unknown): TraceletError {
  const place = where.length > 100 ? `${where.slice(0, 100)}...` : where;
  return new TraceletError("invalid-value", `${place} ${rule}`, { cause });
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}
