import type { TensorEvent } from "../../../src/events/event.js";
import type { NumericArray, Tensor } from "../../../src/events/tensor.js";
import { DataType, type LongBits, shapeMessage, type TensorMessage, type ValueMessage } from "../messages.js";

/** The bytes of an array; event files are little-endian, as is every machine Node.js runs on but s390x. */
function contentBytes(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function longBits(data: BigInt64Array): LongBits[] {
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  return Array.from({ length: data.length }, (_, i) => ({ low: halves[2 * i]!, high: halves[2 * i + 1]! }));
}

/**
 * A tensor in the field of its type where torch writes there, else as raw bytes. Unlike torch, bytes (uint8) go where
 * TensorBoard's own decoder looks for them (`int_val`; torch's `uint32_val` cannot be decoded by it).
 */
export function tensorMessage({ shape, data, bool }: Tensor): TensorMessage {
  const tensorShape = shapeMessage(shape);
  if (bool)
    return {
      dtype: DataType.bool,
      tensorShape,
      boolVal: Array.from(data as ArrayLike<number>, (v) => Number(v) !== 0),
    };
  if (data instanceof Float32Array) return { dtype: DataType.float, tensorShape, floatVal: data };
  if (data instanceof Float64Array) return { dtype: DataType.double, tensorShape, doubleVal: data };
  if (data instanceof Int32Array) return { dtype: DataType.int32, tensorShape, intVal: data };
  if (data instanceof Int16Array) return { dtype: DataType.int16, tensorShape, intVal: data };
  if (data instanceof Int8Array) return { dtype: DataType.int8, tensorShape, intVal: data };
  if (data instanceof Uint16Array) return { dtype: DataType.uint16, tensorShape, intVal: data };
  if (data instanceof BigInt64Array) return { dtype: DataType.int64, tensorShape, int64Val: longBits(data) };
  if (data instanceof Uint32Array) {
    return { dtype: DataType.uint32, tensorShape, tensorContent: contentBytes(data) };
  }
  if (data instanceof BigUint64Array) {
    return { dtype: DataType.uint64, tensorShape, tensorContent: contentBytes(data) };
  }
  return { dtype: DataType.uint8, tensorShape, intVal: data };
}

/** The values of a tensor as float32, the only type of number that the mesh and PR-curve pages take. */
export function floatTensor(shape: readonly number[], data: NumericArray): TensorMessage {
  const floatVal = data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
  return { dtype: DataType.float, tensorShape: shapeMessage(shape), floatVal };
}

/** A tensor as such (`add_tensor`). No page of TensorBoard shows it; its Python API reads it. */
export function tensorValue({ tag, tensor }: TensorEvent): ValueMessage {
  return { tag, tensor: tensorMessage(tensor), metadata: { pluginData: { pluginName: "tensor" } } };
}
