import type { Channel } from "./channel.js";

/** Tags of one experiment that keep a number; with more, the table is emptied and begun anew. */
const MAX_SERIES = 65_536;

/** The numbers under which the scalars of one experiment travel, one for each tag. */
export interface SeriesTable {
  /** The tag's number, made known to the worker if it is new. */
  of(tag: string): number;
  /** The numbers of tags that go together into one frame; at most 65,536. */
  ofRow(tags: readonly string[]): number[];
  /** Gives all numbers back. */
  release(): void;
}

export function createSeriesTable(
  channel: Pick<Channel, "defineSeries" | "releaseSeries">,
  experiment: number,
): SeriesTable {
  let numbers = new Map<string, number>();

  const release = () => {
    channel.releaseSeries(numbers.values());
    numbers = new Map();
  };
  const numberOf = (tag: string): number => {
    const known = numbers.get(tag);
    if (known !== undefined) return known;
    // The numbers become free for other tags, so never between two uses in one frame.
    if (numbers.size >= MAX_SERIES) release();
    const defined = channel.defineSeries(experiment, tag);
    numbers.set(tag, defined);
    return defined;
  };

  return {
    of: numberOf,
    ofRow(tags) {
      if (numbers.size + tags.length > MAX_SERIES) release();
      return tags.map(numberOf);
    },
    release,
  };
}
