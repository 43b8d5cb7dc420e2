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
 * seven bits of mantissa) name an interval of numbers, whose ends are at most a factor of 1.0079 apart. Most intervals
 * lie between two edges, which a table tells; the edges are a factor of 1.1 apart, so the others hold one edge, and a
 * comparison with it in full precision decides.
 */
export function countDefault(values: Float32Array | Float64Array): Float64Array {
  const edges = defaultEdges();
  const below = new Uint32Array(edges.length + 1);
  if (values instanceof Float32Array) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    singleTable ??= intervalTable(edges, 1 + 8 + 7, leadingOfSingle);
    const table = singleTable;
    for (let at = 0; at < values.length; at++) {
      let entry = table[words[at]! >>> 16]!;
      if (entry >= HOLDS_EDGE)
        entry -= values[at]! >= edges[entry - HOLDS_EDGE]! ? HOLDS_EDGE - 1 : HOLDS_EDGE;
      below[entry]!++;
    }
  } else {
    const words = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
    doubleTable ??= intervalTable(edges, 1 + 11 + 7, leadingOfDouble);
    const table = doubleTable;
    for (let at = 0; at < values.length; at++) {
      let entry = table[words[2 * at + HIGH_WORD]! >>> 13]!;
      if (entry >= HOLDS_EDGE)
        entry -= values[at]! >= edges[entry - HOLDS_EDGE]! ? HOLDS_EDGE - 1 : HOLDS_EDGE;
      below[entry]!++;
    }
  }
  return binsOf(below, values, edges);
}

let singleTable: Uint16Array | undefined;
let doubleTable: Uint16Array | undefined;
/** Which half of a float64 in memory holds sign and exponent. */
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** Added to the table's entry of an interval that holds an edge. */
const HOLDS_EDGE = 0x8000;

const double = new Float64Array(1);
const single = new Float32Array(1);
const doubleWords = new Uint32Array(double.buffer);
const singleWords = new Uint32Array(single.buffer);

function leadingOfSingle(value: number): number {
  single[0] = value;
  return singleWords[0]! >>> 16;
}

function leadingOfDouble(value: number): number {
  double[0] = value;
  return doubleWords[HIGH_WORD]! >>> 13;
}

/**
 * For each value of the leading `bits` of a number: how many edges are at or below all numbers that begin so; where
 * an edge lies among them, its index plus `HOLDS_EDGE`. The edges mirror each other around an edge at 0. An edge that
 * rounds up into the next interval (float32) may be noted there, since no float32 lies between. NaN gets what the
 * infinity of its sign gets, and is dropped with it.
 */
function intervalTable(edges: Float64Array, bits: number, leadingOf: (value: number) => number): Uint16Array {
  const half = 1 << (bits - 1);
  const table = new Uint16Array(2 * half); // first the positive numbers, then the negative ones, away from 0
  const last = edges.length - 1;
  const zero = last / 2;
  let start = 0;
  for (let index = zero + 1; index <= last; index++) {
    const mirrored = last - index;
    const key = leadingOf(edges[index]!);
    table.fill(index, start, key);
    table[key] = index + HOLDS_EDGE;
    table.fill(mirrored + 1, half + start, half + key);
    table[half + key] = mirrored + HOLDS_EDGE;
    start = key + 1;
  }
  table.fill(edges.length, start, half);
  table[half] = zero + HOLDS_EDGE; // -0 is at the edge 0, the smallest negative numbers are below
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
