import type { Level } from "./cases/case.js";
import { isRecord, type Json, rewrite, without } from "./json.js";

/** A difference that is meant: both sides are brought to one form before they are compared, and nothing else is. */
export interface Exception {
  readonly id: string;
  readonly because: string;
  /** Only in cases that name it; otherwise in all. */
  readonly named?: true;
  readonly levels: readonly Level[];
  readonly normalize: (observed: Json) => Json;
}

const decodedPicture = (record: { readonly [key: string]: Json }) => "image" in record && "pixels" in record;

export const EXCEPTIONS: readonly Exception[] = [
  {
    id: "source-writer",
    because: "the first record names the library that wrote it",
    levels: ["events"],
    normalize: (observed) => rewrite(observed, (record) => without(record, ["source_metadata"])),
  },
  {
    id: "sum-rounding",
    because:
      "numpy sums pairwise and by BLAS, so the last digits of a histogram's sums depend on the machine",
    levels: ["events", "legacy"],
    normalize: (observed) =>
      rewrite(observed, (record) => {
        if (!("bucket_limit" in record)) return record;
        const rounded = (value: Json | undefined) =>
          typeof value === "string"
            ? Number(value.replace("inf", "Infinity")).toPrecision(12)
            : (value ?? null);
        return { ...record, sum: rounded(record["sum"]), sum_squares: rounded(record["sum_squares"]) };
      }),
  },
  {
    id: "gif-timing",
    because:
      "moviepy 1.x hands seconds to an imageio that takes milliseconds, so torch's frames last 0 ms; ours last 1/fps",
    named: true,
    levels: ["events", "legacy", "plugins", "http"],
    normalize: (observed) =>
      rewrite(observed, (record) => ("gif" in record ? without(record, ["durations"]) : record)),
  },
  {
    id: "drawn-pixels",
    because:
      "letters and resampling are PIL's own; size and place of the picture are compared, its pixels are not",
    named: true,
    levels: ["events", "legacy", "plugins", "http"],
    normalize: (observed) =>
      rewrite(observed, (record) => (decodedPicture(record) ? without(record, ["first", "pixels"]) : record)),
  },
  {
    id: "display-name",
    because: "the reader invents a display name (the tag) for one style of record and none for the other",
    named: true,
    levels: ["http"],
    normalize: (observed) =>
      rewrite(observed, (record) => {
        const kept = without(record, ["displayName"]);
        return "displayName" in record && isRecord(kept) ? kept : record;
      }),
  },
];

/** One form for what may differ: every general exception, and those the case names. */
export function normalized(observed: Json, level: Level, named: readonly string[] = []): Json {
  return EXCEPTIONS.filter(
    (each) => each.levels.includes(level) && (!each.named || named.includes(each.id)),
  ).reduce((value, each) => each.normalize(value), observed);
}
