import type { NumericArray } from "../events/tensor.js";
import { invalid } from "./wrong-value.js";

/** Rows of a precision-recall curve over equidistant thresholds 0..1: TP, FP, TN, FN, precision, recall. */
export type PrCurve = [
  truePositives: Float64Array,
  falsePositives: Float64Array,
  trueNegatives: Float64Array,
  falseNegatives: Float64Array,
  precision: Float64Array,
  recall: Float64Array,
];

/** TensorBoard's limit. */
const MAX_THRESHOLDS = 127;
/** Keeps a division by zero away, as TensorBoard does. */
const SMALLEST_TOTAL = 1e-7;
/** numpy adds weights up in blocks of this many values; the same grouping gives the same rounding. */
const BLOCK = 65536;

/**
 * Computes a precision-recall curve as torch's `add_pr_curve` does. A prediction counts as positive at threshold k
 * of n when `floor(prediction * (n - 1)) >= k`; float32 predictions are multiplied in float32. Predictions outside
 * 0..1 and NaN are left out.
 *
 * @param labels 0 or 1 (or a share between), one a prediction.
 * @param numThresholds Thresholds, from 1 up; more than 127 become 127.
 * @param weights One a prediction; 1 when absent.
 * @returns Six rows of `min(numThresholds, 127)` values.
 * @throws TraceletError `invalid-value` when the lengths differ or `numThresholds` is not a whole number from 1 up.
 * @example
 * ```ts
 * const [truePositives] = prCurve(Uint8Array.of(0, 1), Float32Array.of(0.2, 0.9), 11);
 * ```
 */
export function prCurve(
  labels: NumericArray,
  predictions: NumericArray,
  numThresholds: number,
  weights?: NumericArray,
): PrCurve {
  const length = predictions.length;
  if (labels.length !== length || (weights !== undefined && weights.length !== length)) {
    const given = weights === undefined ? "" : ` and ${weights.length} weights`;
    throw invalid(
      `a PR curve needs one label a prediction; got ${labels.length} labels${given} for ${length} predictions`,
    );
  }
  if (!Number.isInteger(numThresholds) || numThresholds < 1) {
    throw invalid(`numThresholds must be a whole number from 1 up; got ${numThresholds}`);
  }
  const n = Math.min(numThresholds, MAX_THRESHOLDS);
  const single = predictions instanceof Float32Array;
  const positives = new Float64Array(n);
  const negatives = new Float64Array(n);
  for (let start = 0; start < length; start += BLOCK) {
    const blockPositives = new Float64Array(n);
    const blockNegatives = new Float64Array(n);
    for (let at = start; at < Math.min(start + BLOCK, length); at++) {
      const product = Number(predictions[at]) * (n - 1);
      const bucket = Math.floor(single ? Math.fround(product) : product);
      if (!(bucket >= 0 && bucket < n)) continue;
      const label = Number(labels[at]);
      const weight = weights === undefined ? 1 : Number(weights[at]);
      blockPositives[bucket]! += label * weight;
      blockNegatives[bucket]! += (1 - label) * weight;
    }
    for (let bucket = 0; bucket < n; bucket++) {
      positives[bucket]! += blockPositives[bucket]!;
      negatives[bucket]! += blockNegatives[bucket]!;
    }
  }

  const tp = sumFromEnd(positives);
  const fp = sumFromEnd(negatives);
  const tn = fp.map((count) => fp[0]! - count);
  const fn = tp.map((count) => tp[0]! - count);
  const precision = tp.map((count, k) => count / Math.max(SMALLEST_TOTAL, count + fp[k]!));
  const recall = tp.map((count, k) => count / Math.max(SMALLEST_TOTAL, count + fn[k]!));
  return [tp, fp, tn, fn, precision, recall];
}

function sumFromEnd(buckets: Float64Array): Float64Array {
  const sums = new Float64Array(buckets.length);
  let sum = 0;
  for (let k = buckets.length - 1; k >= 0; k--) {
    sum += buckets[k]!;
    sums[k] = sum;
  }
  return sums;
}
