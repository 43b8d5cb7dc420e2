import type { NumericArray } from "../events/tensor.js";
import { defaultEdges, type EqualEdges } from "./histogram-edges.js";

/**
 * Counts values into equal bins as numpy does: an estimate of the index by division, put right where rounding led
 * past an edge. The last bin includes its right edge; values outside and NaN are not counted.
 */
export function countEqual(values: Float64Array, { low, high, edges }: EqualEdges): Float64Array {
  const bins = edges.length - 1;
  const span = high - low;
  const counts = new Float64Array(bins);
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!(value >= low && value <= high)) continue;
    let index = Math.trunc(((value - low) / span) * bins);
    if (index === bins) index--;
    if (value < edges[index]!) index--;
    else if (value >= edges[index + 1]! && index !== bins - 1) index++;
    counts[index]!++;
  }
  return counts;
}

/**
 * Counts values between edges that do not decrease: value v belongs to bin i when `edges[i] <= v < edges[i + 1]`; the
 * last bin includes its right edge; values outside and NaN are not counted.
 */
export function countBetween(values: NumericArray, edges: Float64Array): Float64Array {
  const below = new Uint32Array(edges.length + 1); // by number of edges at or below the value
  for (let at = 0; at < values.length; at++) {
    const value = Number(values[at]);
    if (!Number.isNaN(value)) below[edgesUpTo(edges, value)]!++;
  }
  return binsOf(below, values, edges);
}

/**
 * `countBetween` for TensorBoard's default edges, fast: the leading bits of a floating-point value (sign, exponent,
 * four bits of mantissa) name an interval of numbers. Its ends are at most a factor of 1.0625 apart and the edges
 * 1.1, so an interval holds at most one edge: the table gives the edges up to the interval's lowest number, and one
 * comparison with the next edge, in full precision, decides.
 */
export function countDefault(values: Float32Array | Float64Array): Float64Array {
  const edges = defaultEdges();
  const next = new Float64Array(edges.length + 1).fill(Number.NaN); // beyond the last edge no comparison holds
  next.set(edges);
  const below = new Uint32Array(edges.length + 1);
  if (values instanceof Float32Array) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    singleTable ??= startTable(edges, 13, (bits) => {
      scratch.setUint32(0, bits);
      return scratch.getFloat32(0);
    });
    for (let at = 0; at < values.length; at++) {
      const start = singleTable[words[at]! >>> 19]!;
      below[values[at]! >= next[start]! ? start + 1 : start]!++;
    }
  } else {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    doubleTable ??= startTable(edges, 16, (bits) => {
      scratch.setUint32(0, bits);
      scratch.setUint32(4, bits & 1 ? 0xffffffff : 0);
      return scratch.getFloat64(0);
    });
    for (let at = 0; at < values.length; at++) {
      const start = doubleTable[words[2 * at + HIGH_WORD]! >>> 16]!;
      below[values[at]! >= next[start]! ? start + 1 : start]!++;
    }
  }
  return binsOf(below, values, edges);
}

let singleTable: Int16Array | undefined;
let doubleTable: Int16Array | undefined;
const scratch = new DataView(new ArrayBuffer(8));
/** Which half of a float64 in memory holds sign and exponent. */
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

/**
 * For each value of the leading `bits` of a number: how many edges are at or below the lowest number that begins so.
 * `decode` turns the leading 32 bits into a number, with the bits after them all like the last one.
 */
function startTable(edges: Float64Array, bits: number, decode: (word: number) => number): Int16Array {
  const table = new Int16Array(1 << bits);
  const rest = 32 - bits;
  for (let leading = 0; leading < table.length; leading++) {
    // Of negative numbers the one with all further bits set is the lowest.
    const negative = leading >= table.length / 2;
    const lowest = decode(((leading << rest) | (negative ? (1 << rest) - 1 : 0)) >>> 0);
    table[leading] = Number.isNaN(lowest) ? 0 : edgesUpTo(edges, lowest);
  }
  return table;
}

/** How many edges are at or below the value. */
function edgesUpTo(edges: Float64Array, value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function binsOf(below: Uint32Array, values: NumericArray, edges: Float64Array): Float64Array {
  const counts = Float64Array.from(below.subarray(1, edges.length));
  if (below[edges.length] !== 0) {
    const last = edges[edges.length - 1];
    for (let at = 0; at < values.length; at++) if (Number(values[at]) === last) counts[counts.length - 1]!++;
  }
  return counts;
}
