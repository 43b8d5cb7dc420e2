import type { NumericArray } from "../../src/events/tensor.js";

/**
 * JSON without loss. What JSON cannot hold stands as an object with one name that begins with `$`:
 * `{"$number":"NaN"}` (also `Infinity`, `-Infinity`, `-0`) and `{"$array":"float32","data":"<base64>"}` (bytes in
 * little-endian order). Names that begin with `$` in the data get one more, so they are never mistaken for these.
 */

/** Element type in a file, by constructor. */
export const ARRAY_TYPES = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint8clamped: Uint8ClampedArray,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
} as const;

export type ArrayType = keyof typeof ARRAY_TYPES;

const TYPE_OF_TAG = new Map(
  Object.entries(ARRAY_TYPES).map(([type, array]) => [array.name, type as ArrayType]),
);

/** JSON text of plain data; members that are undefined are left out. */
export function encodeValue(value: unknown): string {
  switch (typeof value) {
    case "number":
      return encodeNumber(value);
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "object":
      break;
    default:
      throw new TypeError(`a ${typeof value} cannot be written to a JSON lines file`);
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map(encodeValue).join(",")}]`;
  if (ArrayBuffer.isView(value)) return encodeArray(value as NumericArray);
  let text = "";
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const escaped = name.startsWith("$") ? `$${name}` : name;
    text += `${text === "" ? "" : ","}${JSON.stringify(escaped)}:${encodeValue(member)}`;
  }
  return `{${text}}`;
}

/** JSON's numbers read back as the same double; the other four have a name. */
export function encodeNumber(value: number): string {
  // The sum with itself keeps NaN and the infinities apart from the rest in one comparison.
  if (value - value !== 0) return `{"$number":"${value}"}`;
  return value === 0 && 1 / value < 0 ? '{"$number":"-0"}' : `${value}`;
}

function encodeArray(array: NumericArray): string {
  const tag = (array as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "";
  const type = TYPE_OF_TAG.get(tag);
  if (type === undefined) throw new TypeError(`a ${tag} cannot be written to a JSON lines file`);
  const data = Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64");
  return `{"$array":"${type}","data":"${data}"}`;
}

/** The value of a text written by {@link encodeValue}. Throws `SyntaxError` when it is no JSON, other errors on unknown marks. */
export function decodeValue(text: string): unknown {
  if (!text.includes('"$')) return JSON.parse(text);
  return JSON.parse(text, (_name, value: unknown) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value);
    if (!entries.some(([name]) => name.startsWith("$"))) return value;
    const members = value as {
      readonly $number?: unknown;
      readonly $array?: unknown;
      readonly data?: unknown;
    };
    if (typeof members.$number === "string") return Number(members.$number);
    if (typeof members.$array === "string") return decodeArray(members.$array, members.data);
    return Object.fromEntries(
      entries.map(([name, member]) => {
        if (name.startsWith("$$")) return [name.slice(1), member];
        if (name.startsWith("$")) throw new TypeError(`unknown mark ${name}`);
        return [name, member];
      }),
    );
  });
}

function decodeArray(type: string, data: unknown): NumericArray {
  if (!Object.hasOwn(ARRAY_TYPES, type) || typeof data !== "string")
    throw new TypeError(`unknown array ${type}`);
  // A copy, because a Buffer may start anywhere in its pool and the arrays want their own alignment.
  const bytes = Uint8Array.from(Buffer.from(data, "base64"));
  return new ARRAY_TYPES[type as ArrayType](bytes.buffer);
}
