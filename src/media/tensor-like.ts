import { messageOf } from "../errors.js";
import type { NumericArray, Tensor } from "../events/tensor.js";
import { fromNested, MAX_VALUES } from "./nested-numbers.js";
import { asNumeric, copyNumeric, decodeFloat16, isNumericView } from "./numeric-copy.js";
import { describe, invalid } from "./wrong-value.js";

/**
 * A tensor of another library, read once and copied. TensorFlow.js tensors have `dataSync()`; scijs ndarrays have
 * `data`, `shape` and optionally `stride` and `offset`; ONNX Runtime and transformers.js tensors say `dims` and
 * `type` for `shape` and `dtype`. `data` may be a function that returns the values synchronously.
 */
export type TensorLike =
  | { readonly shape: readonly number[]; readonly dtype?: string; dataSync(): NumericArray }
  | {
      readonly shape: readonly number[];
      readonly dtype?: string;
      readonly data: NumericArray | readonly number[] | (() => unknown);
      readonly stride?: readonly number[];
      readonly offset?: number;
    }
  | { readonly dims: readonly number[]; readonly type?: string; readonly data: NumericArray };

/** What an object of another library may have; each field is checked before use. */
export interface Foreign {
  readonly shape?: unknown;
  readonly dims?: unknown;
  readonly dtype?: unknown;
  readonly type?: unknown;
  readonly bool?: unknown;
  readonly data?: unknown;
  readonly dataSync?: unknown;
  readonly stride?: unknown;
  readonly offset?: unknown;
  readonly item?: unknown;
}

/** Copies a tensor of another library; undefined when the object has no shape or no data. */
export function fromTensorLike(input: Foreign, what: string): Tensor | undefined {
  const shape = input.shape ?? input.dims;
  if (!Array.isArray(shape) || (input.dataSync === undefined && input.data === undefined)) return undefined;
  let size = 1;
  for (const length of shape as unknown[]) {
    if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
      throw invalid(
        `${what}: the shape [${shape.join(", ")}] is not a list of sizes (whole numbers from 0 up)`,
      );
    }
    size *= length;
  }
  if (size > MAX_VALUES)
    throw invalid(`${what}: a tensor of shape [${shape.join(", ")}] is too large to log`);
  const dtype = String(input.dtype ?? input.type ?? "");
  if (dtype.startsWith("complex")) {
    throw invalid(`${what}: complex tensors cannot be logged; log the real and imaginary parts one by one`);
  }
  const data = readData(input, dtype, shape as number[], size, what);
  if (data.length !== size) {
    throw invalid(
      `${what}: shape [${shape.join(", ")}] asks for ${size} values, but the data have ${data.length}`,
    );
  }
  const bool = input.bool === true || dtype === "bool" || dtype === "boolean";
  return bool ? { shape: [...shape], data, bool: true } : { shape: [...shape], data };
}

function readData(input: Foreign, dtype: string, shape: number[], size: number, what: string): NumericArray {
  let source = input.data;
  if (typeof input.dataSync === "function") source = callData(input, input.dataSync, "dataSync", what);
  else if (typeof source === "function") source = callData(input, source, "data", what);
  const strided = Array.isArray(input.stride) && !isDense(shape, input.stride, input.offset);
  if (isNumericView(source)) {
    // Half floats travel as the 16-bit patterns in ONNX Runtime where the engine has no Float16Array.
    if (dtype === "float16" && source instanceof Uint16Array) return decodeFloat16(source);
    if (!strided) return asNumeric(source);
    return gather(source, shape, input.stride as number[], Number(input.offset ?? 0), size, what);
  }
  if (Array.isArray(source)) {
    const flat = fromNested(source, what).data;
    return strided
      ? gather(flat, shape, input.stride as number[], Number(input.offset ?? 0), size, what)
      : flat;
  }
  const type = dtype === "" ? "" : ` of dtype ${dtype}`;
  throw invalid(`${what}: the tensor${type} gives no numbers; pass a typed array of its values`);
}

function callData(input: Foreign, method: unknown, name: string, what: string): unknown {
  let result: unknown;
  try {
    result = (method as () => unknown).call(input);
  } catch (cause) {
    throw invalid(
      `${what}: ${name}() of the tensor failed (${messageOf(cause)}); log it before it is disposed`,
      cause,
    );
  }
  if (typeof (result as { then?: unknown } | undefined)?.then === "function") {
    // The promise is not ours to wait for; its rejection must not become an unhandled one that ends the process.
    (result as Promise<unknown>).then(undefined, () => {});
    throw invalid(`${what}: ${name}() of the tensor is asynchronous; log \`await tensor.${name}()\` instead`);
  }
  return result;
}

function isDense(shape: readonly number[], stride: readonly unknown[], offset: unknown): boolean {
  if (offset !== undefined && offset !== 0) return false;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && stride[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Copies a strided view (a transposed or sliced ndarray) into row-major order. */
function gather(
  source: NumericArray,
  shape: readonly number[],
  stride: readonly number[],
  offset: number,
  size: number,
  what: string,
): NumericArray {
  const out = copyNumeric(source, size);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let to = 0; to < size; to++) {
    const value = source[from];
    if (value === undefined) {
      throw invalid(
        `${what}: stride [${stride.join(", ")}] leads outside the data of shape [${shape.join(", ")}]`,
      );
    }
    (out as Float64Array)[to] = value as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += stride[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= stride[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** The number an `item()` method gives; also used by `toScalar`. */
export function readItem(input: { readonly item?: unknown }, what: string): number {
  let value: unknown;
  try {
    value = (input.item as () => unknown).call(input);
  } catch (cause) {
    throw invalid(
      `${what}: item() of the tensor failed (${messageOf(cause)}); it must hold one number`,
      cause,
    );
  }
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || typeof value === "boolean") return Number(value);
  throw invalid(`${what}: item() of the tensor gave ${describe(value)}, not a number`);
}
