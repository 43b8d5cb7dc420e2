import { TraceletError } from "#src/errors.js";
import type { NumericArray } from "#src/events/tensor.js";

/** A histogram as W&B stores it, inside the row: counts, and one edge more than counts. */
export type HistogramJson = {
  readonly _type: "histogram";
  readonly values: readonly number[];
  readonly bins: readonly number[];
};

/** The most bins W&B shows. */
const MAX_BINS = 512;

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

  /** Throws `invalid-value` for more than 512 bins, NaN or infinities, and edges that do not fit the counts. */
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

/**
 * Bins values as `numpy.histogram(values, bins)` does: equal bins from the least to the greatest value, the last one
 * closed on both sides, a value on an edge decided by comparing with the edge itself.
 */
export function histogramOf(values: NumericArray | readonly number[], numBins: number): HistogramJson {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isFinite(value)) refuse(`values must be finite, value ${i} is ${value}`);
    numbers[i] = value;
    if (value < first) first = value;
    if (value > last) last = value;
  }
  if (values.length === 0) {
    first = 0;
    last = 1;
  } else if (first === last) {
    first -= 0.5;
    last += 0.5;
  }
  const range = last - first;
  const width = range / numBins;
  const bins = Array.from({ length: numBins + 1 }, (_, i) => i * width + first);
  bins[numBins] = last;
  const counts = new Array<number>(numBins).fill(0);
  for (const value of numbers) {
    let bin = Math.floor(((value - first) / range) * numBins);
    if (bin === numBins) bin--;
    if (value < bins[bin]!) bin--;
    else if (bin !== numBins - 1 && value >= bins[bin + 1]!) bin++;
    counts[bin]!++;
  }
  return { _type: "histogram", values: counts, bins };
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > MAX_BINS) {
    refuse(`a histogram has 1 to ${MAX_BINS} bins, got ${count}`);
  }
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `Histogram: ${rule}.`, { backend: "wandb" });
}
