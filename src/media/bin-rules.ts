import type { HistogramBins } from "../events/event.js";
import { invalid } from "./wrong-value.js";

/** numpy's rules for the width of a bin. */
export const ESTIMATOR_NAMES = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"] as const;
export type EstimatorName = (typeof ESTIMATOR_NAMES)[number];

/** More bins than this are refused: they could not be shown, and outliers make estimators ask for billions. */
export const MAX_BINS = 2 ** 24;

export const isEstimatorName = (name: string): name is EstimatorName =>
  (ESTIMATOR_NAMES as readonly string[]).includes(name);

/** Throws `invalid-value` for a rule that is not known, a wrong number of bins, or edges that decrease. */
export function checkBins(bins: HistogramBins, what: string): void {
  if (typeof bins === "string") {
    if (bins === "tensorflow" || isEstimatorName(bins)) return;
    const known = ["tensorflow", ...ESTIMATOR_NAMES].join(", ");
    throw invalid(`${what}: "${bins}" is no bin rule; use ${known}, a number of bins, or an array of edges`);
  }
  if (typeof bins === "number") {
    if (Number.isInteger(bins) && bins >= 1 && bins <= MAX_BINS) return;
    throw invalid(
      `${what}: a histogram cannot have ${bins} bins; choose a whole number from 1 to ${MAX_BINS}`,
    );
  }
  if (bins.length < 2) throw invalid(`${what}: ${bins.length} bin edges make no bin; give at least 2`);
  const wrong = bins.findIndex((edge, index) => Number.isNaN(edge) || (index > 0 && edge < bins[index - 1]!));
  if (wrong >= 0) throw invalid(`${what}: bin edges must not decrease, but edge ${wrong} is ${bins[wrong]}`);
}
