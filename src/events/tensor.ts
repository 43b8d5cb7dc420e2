/** The typed arrays that numbers travel in. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/**
 * A dense row-major array: `data.length` is the product of `shape` (an empty shape is a single number).
 * `bool` marks tensors of truth values, whose data are 0 and 1.
 */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: NumericArray;
  readonly bool?: true;
}
