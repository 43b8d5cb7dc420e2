/** Points of the course that are kept: more than any terminal has columns for a line. */
const MOST_BINS = 256;

/** The values of one metric, as much of them as a page shows. */
export interface Series {
  readonly name: string;
  /** How many values, those that are no finite number included. */
  readonly count: number;
  readonly last: number;
  /** Of the finite values; undefined when there are none. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  /** The course of the finite values: means of stretches of equal length, at most 256. */
  readonly course: readonly number[];
}

/** A series that is still read: memory does not grow with its length. */
export interface SeriesBuilder {
  add(value: number): void;
  build(): Series;
}

/**
 * Collects a series. When all bins are full, neighbours are joined and each holds twice as many values from then on.
 *
 * @example
 * ```ts
 * const loss = createSeries("loss");
 * for (let step = 1; step <= 1_000_000; step++) loss.add(1 / step);
 * loss.build().course.length; // 245: each the mean of 4096 values
 * ```
 */
export function createSeries(name: string): SeriesBuilder {
  // A run may have thousands of metrics with a few points each: the bins grow with them.
  let sums: number[] = [];
  let perBin = 1;
  let inLast = 0;
  let count = 0;
  let last = Number.NaN;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;

  const joinNeighbours = (): void => {
    sums = Array.from({ length: sums.length / 2 }, (_, bin) => sums[2 * bin]! + sums[2 * bin + 1]!);
    perBin *= 2;
    inLast = perBin;
  };

  return {
    add(value) {
      count++;
      last = value;
      if (!Number.isFinite(value)) return;
      if (value < min) min = value;
      if (value > max) max = value;
      if (sums.length > 0 && inLast < perBin) {
        sums[sums.length - 1]! += value;
        inLast++;
        return;
      }
      if (sums.length === MOST_BINS) joinNeighbours();
      sums.push(value);
      inLast = 1;
    },
    build() {
      const empty = min > max;
      return {
        name,
        count,
        last,
        min: empty ? undefined : min,
        max: empty ? undefined : max,
        course: sums.map((sum, bin) => sum / (bin === sums.length - 1 ? inLast : perBin)),
      };
    },
  };
}

/** Series by name, in the order in which they began. */
export interface SeriesSet {
  add(name: string, value: number): void;
  build(): readonly Series[];
}

export function createSeriesSet(): SeriesSet {
  const builders = new Map<string, SeriesBuilder>();
  return {
    add(name, value) {
      let builder = builders.get(name);
      if (builder === undefined) {
        builder = createSeries(name);
        builders.set(name, builder);
      }
      builder.add(value);
    },
    build: () => [...builders.values()].map((builder) => builder.build()),
  };
}
