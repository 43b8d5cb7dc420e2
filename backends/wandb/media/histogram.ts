import { TraceletError } from "../../../src/errors.js";
import type { NumericArray } from "../../../src/events/tensor.js";
import { equalBins } from "../../../src/media/histogram.js";

/** A histogram as W&B stores it, inside the row: counts, and one edge more than counts. */
export type HistogramJson = {
  readonly _type: "histogram";
  readonly values: readonly number[];
  readonly bins: readonly number[];
};

/** The most bins W&B shows. */
const MAX_BINS = 512;

/** How `Histogram` bins values. */
export interface HistogramOptions {
  /** Number of bins of equal width; default 64, at most 512. */
  numBins?: number;
}

/**
 * A distribution: raw values, or counts and edges computed elsewhere.
 *
 * @example
 * ```ts
 * run.log({ gradients: new wandb.Histogram(values, { numBins: 32 }) });
 * run.log({ gradients: new wandb.Histogram({ npHistogram: [[1, 2], [0, 0.5, 1]] }) });
 * ```
 */
export class Histogram {
  readonly #json: HistogramJson;

  /** Throws `invalid-value` for more than 512 bins, and for edges that do not fit the counts. */
  constructor(
    values:
      | NumericArray
      | readonly number[]
      | { readonly npHistogram: readonly [counts: ArrayLike<number>, edges: ArrayLike<number>] },
    options: HistogramOptions = {},
  ) {
    if ("npHistogram" in values) {
      const counts = Array.from(values.npHistogram[0]);
      const edges = Array.from(values.npHistogram[1]);
      if (edges.length !== counts.length + 1) {
        refuse(`${counts.length} counts need ${counts.length + 1} bin edges, got ${edges.length}`);
      }
      checkCount(counts.length);
      this.#json = { _type: "histogram", values: counts, bins: edges };
    } else {
      const numBins = options.numBins ?? 64;
      checkCount(numBins);
      this.#json = histogramOf(values, numBins);
    }
  }

  /** What a history row holds. */
  toJson(): HistogramJson {
    return this.#json;
  }
}

/** Bins values as `numpy.histogram(values, bins)` does; NaN and infinities are left out, where numpy refuses them all. */
export function histogramOf(values: NumericArray | readonly number[], numBins: number): HistogramJson {
  const numbers = Array.isArray(values) ? Float64Array.from(values) : (values as NumericArray);
  const { counts, edges } = equalBins(numbers, numBins);
  return { _type: "histogram", values: [...counts], bins: [...edges] };
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BINS) {
    refuse(`a histogram has 1 to ${MAX_BINS} bins, got ${count}`);
  }
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `Histogram: ${rule}.`, { backend: "wandb" });
}
