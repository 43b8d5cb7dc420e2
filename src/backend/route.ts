import type { Event, EventKind, ScalarColumns } from "../events/event.js";

/** Which events a backend gets. Everything, when nothing is given. */
export interface Route {
  /** Only these kinds. */
  readonly kinds?: readonly EventKind[];
  /** Only tags that match one of these patterns (`*` stands for any characters, slashes included); events without a tag pass. */
  readonly tags?: readonly string[];
  /** Of each tag's events only the first of every `sample`, e.g. 10 keeps the 1st, 11th, 21st; events without a tag pass. */
  readonly sample?: number;
}

/** Tags that are remembered; with more, all are forgotten, and of each tag the next event passes a sample's route again. */
const MAX_TAGS = 1 << 18;

/** A route made ready: what it lets through. */
export interface Filter {
  /** The event, a part of it (rows), or undefined when nothing of it passes. */
  event(event: Event): Event | undefined;
  scalars(columns: ScalarColumns): ScalarColumns;
}

/** Undefined when everything passes, so that the common case costs nothing. */
export function createFilter(route: Route | undefined): Filter | undefined {
  if (route === undefined) return undefined;
  const { kinds, tags, sample = 1 } = route;
  if (kinds === undefined && tags === undefined && sample === 1) return undefined;
  const patterns = tags?.map(globPattern);
  const matches = new Map<string, boolean>();
  const seen = new Map<string, number>();

  const tagPasses = (tag: string): boolean => {
    if (patterns !== undefined) {
      let matched = matches.get(tag);
      if (matched === undefined) {
        matched = patterns.some((pattern) => pattern.test(tag));
        if (matches.size >= MAX_TAGS) matches.clear();
        matches.set(tag, matched);
      }
      if (!matched) return false;
    }
    if (sample <= 1) return true;
    const count = seen.get(tag) ?? 0;
    if (seen.size >= MAX_TAGS) seen.clear();
    seen.set(tag, count + 1);
    return count % sample === 0;
  };

  return {
    event(event) {
      if (kinds !== undefined && !kinds.includes(event.kind)) return undefined;
      if (event.kind === "row") {
        const prefix = event.mainTag === undefined ? "" : `${event.mainTag}/`;
        const kept = event.tags.flatMap((tag, i) => (tagPasses(prefix + tag) ? [i] : []));
        if (kept.length === 0) return undefined;
        if (kept.length === event.tags.length) return event;
        return {
          ...event,
          tags: kept.map((i) => event.tags[i]!),
          values: kept.map((i) => event.values[i]!),
        };
      }
      return "tag" in event && !tagPasses(event.tag) ? undefined : event;
    },
    scalars(columns) {
      if (kinds !== undefined && !kinds.includes("scalar")) return selectScalars(columns, []);
      const kept: number[] = [];
      for (let i = 0; i < columns.length; i++) if (tagPasses(columns.tags[i]!)) kept.push(i);
      return kept.length === columns.length ? columns : selectScalars(columns, kept);
    },
  };
}

function selectScalars(columns: ScalarColumns, rows: readonly number[]): ScalarColumns {
  return {
    length: rows.length,
    tags: rows.map((row) => columns.tags[row]!),
    values: Float64Array.from(rows, (row) => columns.values[row]!),
    steps: Float64Array.from(rows, (row) => columns.steps[row]!),
    wallTimes: Float64Array.from(rows, (row) => columns.wallTimes[row]!),
  };
}

/** A glob as a regular expression for the whole tag. */
export function globPattern(glob: string): RegExp {
  const body = glob
    .split("*")
    .map((literal) => literal.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join("[\\s\\S]*");
  return new RegExp(`^${body}$`);
}
