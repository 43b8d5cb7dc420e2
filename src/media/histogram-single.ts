import type { Binned } from "./histogram.js";

const { fround } = Math;

/**
 * Equal bins of float32 values as numpy makes them: in single precision throughout, with edges that are float32 numbers.
 * Undefined where single precision cannot tell the edges apart, which numpy refuses.
 *
 * @param low smallest finite value
 * @param high greatest finite value
 */
export function equalBinsOfSingles(
  values: Float32Array,
  low: number,
  high: number,
  bins: number,
): Binned | undefined {
  const [first, last] = low === high ? [fround(low - 0.5), fround(high + 0.5)] : [low, high];
  const span = fround(last - first);
  const step = fround(span / bins);
  const edges = new Float64Array(bins + 1);
  for (let index = 0; index < bins; index++) edges[index] = fround(fround(index * step) + first);
  edges[bins] = last;
  for (let index = 0; index < bins; index++) if (!(edges[index]! < edges[index + 1]!)) return undefined;
  const counts = new Float64Array(bins);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!(value >= first && value <= last)) continue;
    let index = Math.trunc(fround(fround(fround(value - first) / span) * bins));
    if (index === bins) index--;
    if (value < edges[index]!) index--;
    else if (value >= edges[index + 1]! && index !== bins - 1) index++;
    counts[index]!++;
  }
  return { edges, counts };
}
