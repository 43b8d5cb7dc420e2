import { countEqual } from "./histogram-counts.js";
import { equalEdges, outerEdges } from "./histogram-edges.js";
import { pairwiseSum } from "./pairwise-sum.js";
import { invalid } from "./wrong-value.js";

/** Number of equal bins that the named rule of numpy 2.4 chooses for finite values between `low` and `high`. */
export function estimateBins(values: Float64Array, low: number, high: number, name: string): number {
  const estimator = ESTIMATORS.get(name);
  if (estimator === undefined) {
    const known = ["tensorflow", ...ESTIMATORS.keys()].join(", ");
    throw invalid(`"${name}" is no bin rule; use ${known}, a number of bins, or an array of edges`);
  }
  const [first, last] = outerEdges(low, high);
  const width = estimator(values, high - low, low, high);
  return width === 0 ? 1 : Math.ceil((last - first) / width);
}

/** Width of a bin for values whose range is `spread`; 0 when the rule has no answer. */
type Estimator = (values: Float64Array, spread: number, low: number, high: number) => number;

const ESTIMATORS: ReadonlyMap<string, Estimator> = new Map([
  ["auto", auto],
  ["doane", doane],
  ["fd", fd],
  ["rice", rice],
  ["scott", scott],
  ["sqrt", sqrt],
  ["stone", stone],
  ["sturges", sturges],
]);

/** Since numpy 2.4; earlier releases used other rules under this name. */
function auto(values: Float64Array, spread: number): number {
  return Math.min(Math.max(fd(values), sqrt(values, spread) / 2), sturges(values, spread));
}

function rice(values: Float64Array, spread: number): number {
  return spread / (2 * values.length ** (1 / 3));
}

function scott(values: Float64Array): number {
  return ((24 * Math.PI ** 0.5) / values.length) ** (1 / 3) * deviation(values).sigma;
}

function sqrt(values: Float64Array, spread: number): number {
  return spread / Math.sqrt(values.length);
}

function sturges(values: Float64Array, spread: number): number {
  return spread / (Math.log2(values.length) + 1);
}

function fd(values: Float64Array): number {
  const sorted = values.toSorted();
  return 2 * (percentile(sorted, 0.75) - percentile(sorted, 0.25)) * values.length ** (-1 / 3);
}

function doane(values: Float64Array, spread: number): number {
  const n = values.length;
  if (n <= 2) return 0;
  const { mean, sigma } = deviation(values);
  if (!(sigma > 0)) return 0;
  const cubes = values.map((value) => ((value - mean) / sigma) ** 3);
  const skewness = Math.abs(pairwiseSum(cubes) / n);
  const expected = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return spread / (1 + Math.log2(n) + Math.log2(1 + skewness / expected));
}

/** The width that minimises an estimate of the squared error, by leaving one value out at a time. */
function stone(values: Float64Array, spread: number, low: number, high: number): number {
  const n = values.length;
  if (n <= 1 || spread === 0) return 0;
  const most = Math.max(100, Math.floor(Math.sqrt(n)));
  let best = Number.POSITIVE_INFINITY;
  let bestBins = 1;
  for (let bins = 1; bins <= most; bins++) {
    const counts = countEqual(values, equalEdges(low, high, bins));
    let squares = 0;
    for (const count of counts) squares += (count / n) ** 2;
    const error = (2 - (n + 1) * squares) / (spread / bins);
    if (error < best) {
      best = error;
      bestBins = bins;
    }
  }
  return spread / bestBins;
}

function deviation(values: Float64Array): { mean: number; sigma: number } {
  const mean = pairwiseSum(values) / values.length;
  const squares = values.map((value) => (value - mean) * (value - mean));
  return { mean, sigma: Math.sqrt(pairwiseSum(squares) / values.length) };
}

/** numpy's linear percentile, interpolated from the nearer neighbour. */
function percentile(sorted: Float64Array, fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const index = Math.floor(position);
  const rest = position - index;
  const below = sorted[index]!;
  const above = sorted[Math.min(index + 1, sorted.length - 1)]!;
  const difference = above - below;
  return rest < 0.5 ? below + difference * rest : above - difference * (1 - rest);
}
