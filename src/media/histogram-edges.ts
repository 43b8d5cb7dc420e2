import { invalid } from "./wrong-value.js";

/** More bins than this are refused: they could not be shown, and outliers make estimators ask for billions. */
export const MAX_BINS = 2 ** 24;

let cachedDefaultEdges: Float64Array | undefined;

/**
 * TensorBoard's default edges: powers of 1.1 from 1e-12 up to 1e20 by repeated multiplication (the rounding of each
 * product is part of the values), their negatives, and 0: 1549 edges.
 */
export function defaultEdges(): Float64Array {
  if (cachedDefaultEdges === undefined) {
    const positive: number[] = [];
    for (let edge = 1e-12; edge < 1e20; edge *= 1.1) positive.push(edge);
    const negative = positive.map((edge) => -edge).reverse();
    cachedDefaultEdges = Float64Array.of(...negative, 0, ...positive);
  }
  return cachedDefaultEdges;
}

/** Equal bins over a range: `edges` has one entry more than there are bins. */
export interface EqualEdges {
  readonly low: number;
  readonly high: number;
  readonly edges: Float64Array;
}

/**
 * numpy's edges of `bins` equal bins between `low` and `high`; a range without width grows by 0.5 on both sides.
 *
 * @throws TraceletError `invalid-value` when the range is not finite or too narrow for that many float64 edges.
 */
export function equalEdges(low: number, high: number, bins: number): EqualEdges {
  const [first, last] = outerEdges(low, high);
  if (!Number.isInteger(bins) || bins < 1 || bins > MAX_BINS) {
    throw invalid(
      `a histogram cannot have ${bins} bins; choose a whole number from 1 to ${MAX_BINS}, e.g. 64`,
    );
  }
  const span = last - first;
  const step = span / bins;
  const edges = new Float64Array(bins + 1);
  for (let index = 0; index < bins; index++) {
    // A step that underflows to zero is avoided by dividing first, as numpy's linspace does.
    edges[index] = (step === 0 ? (index / bins) * span : index * step) + first;
  }
  edges[bins] = last;
  for (let index = 0; index < bins; index++) {
    if (!(edges[index]! < edges[index + 1]!)) {
      throw invalid(`the range ${first}..${last} is too narrow for ${bins} bins; ask for fewer`);
    }
  }
  return { low: first, high: last, edges };
}

/** The range as given, or wider where it has no width. */
export function outerEdges(low: number, high: number): [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw invalid(
      `the range ${low}..${high} of the histogram is not finite; filter NaN and infinities out first`,
    );
  }
  if (low > high) throw invalid(`the range of the histogram runs backwards: ${low}..${high}`);
  const range: [number, number] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  if (!Number.isFinite(range[1] - range[0])) {
    throw invalid(`the range ${low}..${high} of the histogram is wider than a float64 can hold`);
  }
  return range;
}
