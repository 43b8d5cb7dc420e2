import type { NumericArray } from "../events/tensor.js";

const CONSTRUCTORS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
};

/** True for every typed array, Node Buffers and those of other realms included; false for a DataView. */
export function isNumericView(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/**
 * A copy with memory of its own: one memory copy, also from a SharedArrayBuffer. `slice` would not do, because a
 * Buffer's `slice` is a view. Float16Array (newer engines) widens to float32. With `length` the copy is `length`
 * zeros of the same type instead.
 */
export function copyNumeric(source: NumericArray, length?: number): NumericArray {
  const name = source[Symbol.toStringTag];
  const Constructor = CONSTRUCTORS[name] ?? Float32Array;
  // The union of constructors has no common call signature; the tag guarantees that source and target agree.
  return new (Constructor as Float32ArrayConstructor)((length ?? source) as Float32Array);
}

/** Widens IEEE half floats, given as their bit patterns, to float32 (exact). */
export function decodeFloat16(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  for (let index = 0; index < bits.length; index++) {
    const half = bits[index]!;
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) out[index] = sign * fraction * 2 ** -24;
    else if (exponent === 31) out[index] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else out[index] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return out;
}
