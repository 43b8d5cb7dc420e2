import type { Tensor } from "../events/tensor.js";

/**
 * Brings values to 0..255 by torch's rule: bytes stay as they are; everything else (integers and truth values too)
 * is taken as 0..1: to float32, times 255 in float32, clipped, truncated. NaN becomes 0.
 *
 * The result shares memory with the tensor when nothing had to be computed.
 */
export function quantize(tensor: Tensor): Uint8Array {
  const { data } = tensor;
  if (isBytes(tensor)) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const out = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at++) {
    // Clamping rounds, so the fraction goes first; NaN is stored as 0.
    out[at] = Math.trunc(Math.fround(Math.fround(Number(data[at])) * 255));
  }
  return new Uint8Array(out.buffer);
}

/** True when the values are bytes already, which no rule scales. */
export function isBytes({ data, bool }: Tensor): boolean {
  return bool !== true && (data instanceof Uint8Array || data instanceof Uint8ClampedArray);
}
