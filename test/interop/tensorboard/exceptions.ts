import type { Level } from "./cases/case.js";
import { isRecord, type Json, rewrite, without } from "./json.js";

type JsonRecord = { readonly [key: string]: Json };

/** A difference that is meant: both sides are brought to one form before they are compared, and nothing else is. */
export interface Exception {
  readonly id: string;
  readonly because: string;
  /** Only in cases that name it; otherwise in all. */
  readonly named?: true;
  readonly levels: readonly Level[];
  readonly normalize: (observed: Json) => Json;
}

const decodedPicture = (record: JsonRecord) => "image" in record && "pixels" in record;

/** Filters the events of every file; their number then says nothing. */
const filterEvents = (observed: Json, keep: (event: Json, before: Json | undefined) => boolean) =>
  rewrite(observed, (record) => {
    const { events } = record;
    if (!Array.isArray(events)) return record;
    const kept = events.filter((event: Json, i) => keep(event, events[i - 1]));
    return without({ ...record, events: kept }, ["records"]);
  });

const tagsOf = (event: Json) => JSON.stringify(isRecord(event) ? (event["summary"] ?? null) : null);
const isSessionStart = (event: Json | undefined) => isRecord(event) && "session_log" in event;

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
    id: "json-text",
    because: "Python's json writes other characters than ASCII as escapes, JavaScript's as they are",
    levels: ["events", "legacy", "plugins", "http"],
    normalize: (observed) =>
      rewrite(observed, (record) => {
        const parsed = (key: string) => {
          const text = record[key];
          return typeof text === "string" && text.startsWith("{") ? { [key]: JSON.parse(text) as Json } : {};
        };
        return { ...record, ...parsed("json_config"), ...parsed("config") };
      }),
  },
  {
    id: "audio-type",
    because:
      "we write the metadata that makes the fast reader serve a sound as audio/wav; it serves torch's as unknown bytes",
    named: true,
    levels: ["events", "legacy", "http"],
    normalize: (observed) =>
      rewrite(observed, (record) => {
        if ("audio" in record && "tag" in record) return without(record, ["metadata"]);
        if ("contentType" in record) return without(record, ["contentType", "mime"]);
        if ("displayName" in record) return without(record, ["displayName"]);
        const described = Object.keys(record).filter((key) => {
          const value = record[key];
          return isRecord(value) && value["plugin"] === "audio";
        });
        return without(record, described);
      }),
  },
  {
    id: "hparams-experiment",
    because:
      "we write no Experiment record unless domains are given: from torch's the page takes the columns of one session " +
      "for all, without it the page finds columns and domains in all sessions",
    named: true,
    levels: ["events", "legacy", "plugins", "http"],
    normalize: (observed) =>
      rewrite(
        filterEvents(observed, (event) => !tagsOf(event).includes("_hparams_/experiment")),
        (record) => {
          const kept = without(record, ["_hparams_/experiment"]);
          if (!("differs" in record)) return kept;
          return without(record, ["differs", "domainInterval", "domainDiscrete"]);
        },
      ),
  },
  {
    id: "second-start",
    because: "the Python reader ignores a run's first session start, so we write two where torch writes one",
    named: true,
    levels: ["events"],
    normalize: (observed) =>
      filterEvents(observed, (event, before) => !(isSessionStart(event) && isSessionStart(before))),
  },
  {
    id: "uint8-field",
    because:
      "torch puts uint8 where TensorBoard's own decoder does not look (uint32_val); we put it where it does",
    named: true,
    levels: ["events", "legacy", "plugins"],
    normalize: (observed) =>
      rewrite(observed, (record) => {
        const { uint32_val: values, ...rest } = record;
        return values === undefined ? record : { ...rest, int_val: values };
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
    normalize: (observed) => rewrite(observed, (record) => without(record, ["displayName"])),
  },
];

/** One form for what may differ: every general exception, and those the case names. */
export function normalized(observed: Json, level: Level, named: readonly string[] = []): Json {
  return EXCEPTIONS.filter(
    (each) => each.levels.includes(level) && (!each.named || named.includes(each.id)),
  ).reduce((value, each) => each.normalize(value), observed);
}
