import { messageOf, TraceletError } from "../errors.js";
import type { NumericArray, Tensor } from "../events/tensor.js";
import { fromNested, type NestedNumbers } from "./nested-numbers.js";
import { asNumeric, isNumericView } from "./numeric-copy.js";
import { type Foreign, fromTensorLike, readItem, type TensorLike } from "./tensor-like.js";
import { describe, invalid } from "./wrong-value.js";

export type { NestedNumbers } from "./nested-numbers.js";
export type { TensorLike } from "./tensor-like.js";

/** Everything the logging calls take where numbers are wanted. */
export type TensorInput =
  | number
  | boolean
  | bigint
  | NumericArray
  | NestedNumbers
  | TensorLike
  | { item(): number };

/**
 * Reads any accepted input as a dense row-major tensor. Typed arrays are taken as they are, not copied: what is logged
 * is copied once, by the recorder, before the logging call returns. It runs on the script's thread.
 *
 * Nested arrays become a `Float64Array` with the shape of the nesting (`bool: true` when every value is a truth
 * value); typed arrays keep their type and get shape `[length]` (a Node `Buffer` counts as a `Uint8Array`); single
 * numbers get shape `[]`.
 *
 * @param what How error messages name the value, e.g. `addHistogram("weights")`.
 * @throws TraceletError `invalid-value` when arrays are ragged, hold something else than numbers, or shape and data
 * do not agree.
 * @example
 * ```ts
 * toTensor([[1, 2, 3], [4, 5, 6]], "values"); // { shape: [2, 3], data: Float64Array [1, 2, 3, 4, 5, 6] }
 * ```
 */
export function toTensor(input: TensorInput, what: string): Tensor {
  if (isNumericView(input)) {
    const data = asNumeric(input);
    return { shape: [data.length], data };
  }
  return reading(what, () => readTensor(input, what));
}

/** Getters, proxies and methods of the caller's objects may throw anything. */
function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TraceletError) throw error;
    throw invalid(`${what}: the value cannot be read (${messageOf(error)})`, error);
  }
}

function readTensor(input: Exclude<TensorInput, NumericArray>, what: string): Tensor {
  if (Array.isArray(input)) return fromNested(input, what);
  switch (typeof input) {
    case "number":
      return { shape: [], data: Float64Array.of(input) };
    case "boolean":
      return { shape: [], data: Uint8Array.of(input ? 1 : 0), bool: true };
    case "bigint":
      return { shape: [], data: fromBigint(input, what) };
    case "object":
      if (input !== null) {
        const foreign = input as Foreign;
        const tensor = fromTensorLike(foreign, what);
        if (tensor !== undefined) return tensor;
        if (typeof foreign.item === "function") {
          return { shape: [], data: Float64Array.of(readItem(foreign, what)) };
        }
      }
  }
  throw wrongInput(input, what);
}

/**
 * Reads any accepted input as one flat array; the order is row-major, the element type as `toTensor` gives it.
 *
 * @throws TraceletError `invalid-value`, as `toTensor`.
 * @example
 * ```ts
 * toValues(new Float32Array([1, 2]), "labels"); // the same Float32Array
 * ```
 */
export function toValues(input: TensorInput, what: string): NumericArray {
  return toTensor(input, what).data;
}

/**
 * Reads one number: a number as it is (the fast path), a truth value as 0 or 1, a bigint, a tensor with one element
 * of any shape, or an object with `item()`. NaN and the infinities are values like others.
 *
 * Strings are refused, numeric ones too: in a log they are nearly always a formatting call too early (`toFixed`).
 *
 * @throws TraceletError `invalid-value` for anything else, naming `what`.
 * @example
 * ```ts
 * toScalar(loss, 'addScalar("loss")'); // loss: number | boolean | bigint | tf.Scalar | ...
 * ```
 */
export function toScalar(input: unknown, what: string): number {
  if (typeof input === "number") return input;
  if (typeof input === "boolean") return input ? 1 : 0;
  if (typeof input === "bigint") {
    const value = Number(input);
    if (Number.isFinite(value)) return value;
    throw invalid(`${what}: the integer is beyond the largest float64 (about 1.8e308)`);
  }
  if (typeof input === "string") {
    const hint = input.trim() !== "" && !Number.isNaN(Number(input)) ? "; pass Number(value)" : "";
    throw invalid(`${what}: ${describe(input)} is not a number${hint}`);
  }
  return reading(what, () => readScalar(input, what));
}

function readScalar(input: unknown, what: string): number {
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw notScalar(input, what);
  const foreign = input as Foreign;
  if (typeof foreign.item === "function") return readItem(foreign, what);
  const tensor = isNumericView(input)
    ? { shape: [input.length], data: input }
    : fromTensorLike(foreign, what);
  if (tensor === undefined) throw notScalar(input, what);
  if (tensor.data.length !== 1) {
    throw invalid(
      `${what}: a tensor of shape [${tensor.shape.join(", ")}] is not one number; ` +
        "reduce it first (mean, sum) or log it as a histogram",
    );
  }
  return Number(tensor.data[0]);
}

function notScalar(input: unknown, what: string): TraceletError {
  return invalid(`${what}: ${describe(input)} is not a number; pass a number or a tensor with one element`);
}

function fromBigint(input: bigint, what: string): NumericArray {
  if (BigInt.asIntN(64, input) === input) return BigInt64Array.of(input);
  if (BigInt.asUintN(64, input) === input) return BigUint64Array.of(input);
  throw invalid(`${what}: the integer needs more than 64 bits; pass Number(value) if rounding is fine`);
}

function wrongInput(input: unknown, what: string): TraceletError {
  return invalid(
    `${what}: ${describe(input)} is not numeric; pass a number, an array of numbers, a typed array, ` +
      "or a tensor with shape and dataSync() or data",
  );
}
