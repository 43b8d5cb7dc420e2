import type { HistogramBins } from "../events/event.js";
import type { NumericArray } from "../events/tensor.js";
import { countBetween, countDefault, countEqual } from "./histogram-counts.js";
import { defaultEdges, equalEdges } from "./histogram-edges.js";
import { estimateBins } from "./histogram-estimators.js";
import { equalBinsOfSingles } from "./histogram-single.js";
import { pairwiseSum, pairwiseSumSquares } from "./pairwise-sum.js";
import { invalid } from "./wrong-value.js";

/** A distribution in the form of TensorBoard's HistogramProto. */
export interface TensorboardHistogram {
  readonly min: number;
  readonly max: number;
  /** Number of all values, those outside every bucket included. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Right edges of the buckets; the first is the left edge of the first bucket that holds values. */
  readonly bucketLimits: Float64Array;
  /** Values in each bucket; as many as there are limits. */
  readonly bucketCounts: Float64Array;
}

/**
 * Bins values as torch's `add_histogram` does with numpy 2.4; limits and counts agree to the last bit.
 *
 * @param bins `"tensorflow"` (TensorBoard's exponential buckets), a rule of numpy (`auto`, `doane`, `fd`, `rice`,
 * `scott`, `sqrt`, `stone`, `sturges`), a number of equal bins, or edges that do not decrease.
 * @param maxBins Neighbouring bins are joined when there are more; the result may exceed it a little (1548 bins and
 * 100 give 104, as in torch).
 * @throws TraceletError `invalid-value` without values, when none falls into a bin, for unknown rules, wrong edges or
 * counts, and for equal bins over values that are not all finite.
 * @example
 * ```ts
 * tensorboardHistogram(Float64Array.of(1), "tensorflow");
 * // { min: 1, max: 1, num: 1, sum: 1, sumSquares: 1,
 * //   bucketLimits: [0.917246389039776, 1.0089710279437536], bucketCounts: [0, 1] }
 * ```
 */
export function tensorboardHistogram(
  values: NumericArray,
  bins: HistogramBins,
  maxBins?: number,
): TensorboardHistogram {
  if (values.length === 0) throw invalid("a histogram needs at least one value; the array is empty");
  const numbers = values instanceof Float32Array ? values : toDoubles(values);
  const statistics = summarize(numbers);
  const binned = joinBins(count(numbers, bins, statistics.min, statistics.max), maxBins);
  return { ...statistics, num: values.length, ...trim(binned) };
}

/** Counts in bins: `edges` has one entry more than `counts`. */
export interface Binned {
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

/**
 * Bins values into `numBins` equal bins between the smallest and the largest, or over `range`, as
 * `numpy.histogram(values, bins=numBins, range=range)` does. Values that are not finite or outside the range are
 * left out; without any the range is 0..1. Float32 values are binned in single precision, as numpy does, where the
 * edges can be told apart so.
 *
 * @throws TraceletError `invalid-value` when `numBins` is not a whole number from 1 up or the range is not usable.
 * @example
 * ```ts
 * equalBins(Float64Array.of(0, 1, 1, 4), 2); // { edges: [0, 2, 4], counts: [3, 1] }
 * ```
 */
export function equalBins(values: NumericArray, numBins: number, range?: readonly [number, number]): Binned {
  const numbers = values instanceof Float32Array ? values : toDoubles(values);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  if (range !== undefined) [low, high] = range;
  else {
    for (let at = 0; at < numbers.length; at++) {
      const value = numbers[at]!;
      if (value < low && value !== Number.NEGATIVE_INFINITY) low = value;
      if (value > high && value !== Number.POSITIVE_INFINITY) high = value;
    }
    if (low > high) [low, high] = [0, 1];
  }
  const equal = equalEdges(low, high, numBins);
  const single =
    numbers instanceof Float32Array && range === undefined && numbers.length > 0
      ? equalBinsOfSingles(numbers, low, high, numBins)
      : undefined;
  return single ?? { edges: equal.edges, counts: countEqual(toDoubles(numbers), equal) };
}

function toDoubles(values: NumericArray): Float64Array {
  if (values instanceof Float64Array) return values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array)
    return Float64Array.from(values, Number);
  return new Float64Array(values);
}

function summarize(values: Float32Array | Float64Array) {
  let min = values[0]!;
  let max = min;
  for (let at = 1; at < values.length; at++) {
    const value = values[at]!;
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  const sum = pairwiseSum(values);
  // numpy's min and max are NaN when any value is; the sum then is NaN too (it can also be, from Infinity - Infinity).
  if (Number.isNaN(sum) && values.includes(Number.NaN)) min = max = Number.NaN;
  return { min, max, sum, sumSquares: pairwiseSumSquares(values) };
}

function count(values: Float32Array | Float64Array, bins: HistogramBins, min: number, max: number): Binned {
  if (bins === "tensorflow") return { edges: defaultEdges(), counts: countDefault(values) };
  if (typeof bins === "string" || typeof bins === "number") {
    const doubles = toDoubles(values);
    const equal = equalEdges(
      min,
      max,
      typeof bins === "number" ? bins : estimateBins(doubles, min, max, bins),
    );
    return { edges: equal.edges, counts: countEqual(doubles, equal) };
  }
  const edges = Float64Array.from(bins);
  for (let index = 0; index + 1 < edges.length; index++) {
    if (!(edges[index]! <= edges[index + 1]!)) {
      throw invalid(
        `bin edges must not decrease; edge ${index} is ${edges[index]}, the next ${edges[index + 1]}`,
      );
    }
  }
  if (edges.length < 2) throw invalid(`bin edges must be two or more numbers; got ${edges.length}`);
  return { edges, counts: countBetween(values, edges) };
}

/** Joins groups of neighbours; the last group may be smaller. */
function joinBins(binned: Binned, maxBins: number | undefined): Binned {
  const { edges, counts } = binned;
  if (maxBins === undefined || counts.length <= maxBins) return binned;
  if (!Number.isInteger(maxBins) || maxBins < 1) {
    throw invalid(`maxBins must be a whole number from 1 up; got ${maxBins}`);
  }
  const group = Math.floor(counts.length / maxBins);
  const length = Math.ceil(counts.length / group);
  const joined = new Float64Array(length);
  const limits = new Float64Array(length + 1);
  counts.forEach((amount, index) => {
    joined[Math.floor(index / group)]! += amount;
  });
  for (let index = 0; index < length; index++) limits[index] = edges[index * group]!;
  limits[length] = edges[edges.length - 1]!;
  return { edges: limits, counts: joined };
}

/**
 * Keeps the bins from the first to the last that hold values. TensorBoard stores right edges only, so a bucket of
 * count 0 in front carries the left edge of the first.
 */
function trim({ edges, counts }: Binned): { bucketLimits: Float64Array; bucketCounts: Float64Array } {
  const first = counts.findIndex((amount) => amount > 0);
  if (first === -1) {
    throw invalid("no value falls into a bin of the histogram: all are NaN, infinite, or outside the edges");
  }
  const last = counts.findLastIndex((amount) => amount > 0);
  const bucketCounts = new Float64Array(last - first + 2);
  bucketCounts.set(counts.subarray(first, last + 1), 1);
  return { bucketLimits: edges.slice(first, last + 2), bucketCounts };
}
