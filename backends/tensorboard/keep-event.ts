import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../src/backend/folder.js";
import type { Event, EventKind, EventOf, JsonObject, Outcome } from "../../src/events/event.js";
import { flatten, markdownTable, toJson } from "./markdown.js";
import { figureFileValue, mediaFileValue, tableValue } from "./media-files.js";
import type { ValueMessage } from "./messages.js";
import { writeEmbedding } from "./projector.js";
import { writeWhole } from "./run-folder.js";
import type { RunLog } from "./run-log.js";
import type { Session } from "./session.js";
import { audioValue } from "./summaries/audio.js";
import { graphEvents } from "./summaries/graph.js";
import { histogramRawValue, histogramValue } from "./summaries/histogram.js";
import { imageFileValue, imageValue, videoValue } from "./summaries/image.js";
import { layoutValue } from "./summaries/layout.js";
import { meshValues } from "./summaries/mesh.js";
import { prCurveRawValue, prCurveValue } from "./summaries/pr-curve.js";
import { tensorValue } from "./summaries/tensor.js";
import { textValue } from "./summaries/text.js";

/** One open run. */
export interface OpenRun {
  readonly log: RunLog;
  /** Folder of what stands in files beside the event file. */
  readonly files: string;
  readonly session: Session;
  /** Of one of several writers of a run. */
  readonly label: string | undefined;
  readonly startTime: number;
  /** The merged values of `summary` events, as in `summary.json`. */
  summary: JsonObject;
}

/** The run's hyperparameters go before its first number; see `Session`. */
export function startSession({ log, session }: OpenRun, wallTime: number): void {
  if (session.isWaiting) log.values([session.start()], { wallTime });
}

/** How the run ended, once. */
export function endSession(run: OpenRun, { status }: Outcome, wallTime: number): void {
  startSession(run, wallTime);
  const value = run.session.end(status);
  if (value !== undefined) run.log.values([value], { wallTime });
}

/** Labels of the run as text. */
export function tagsValue(tags: readonly string[]): ValueMessage {
  return textValue("tags", tags.map((tag) => `\`${tag.replaceAll("`", "'")}\``).join(", "));
}

/** An object as a text with a table of its values, and whole as a JSON file. */
function objectValue(folder: string, name: string, object: JsonObject): ValueMessage {
  writeWhole(join(folder, `${name}.json`), `${toJson(object, 2)}\n`);
  return textValue(name, markdownTable(["name", "value"], flatten(object)));
}

type KeptKind = Exclude<EventKind, "artifact">;

/**
 * What is done with each kind: the values returned are logged with the event's step and time; a kind that returns
 * none has put itself into the batch or into files. Each throws when the event cannot be kept.
 */
const KEEP: { readonly [K in KeptKind]: (run: OpenRun, event: EventOf<K>) => readonly ValueMessage[] } = {
  scalar(run, event) {
    startSession(run, event.wallTime);
    run.log.scalar(event.tag, event.value, event);
    return [];
  },
  row(run, event) {
    startSession(run, event.wallTime);
    const { mainTag, tags, values } = event;
    if (mainTag !== undefined) run.log.curves({ ...event, mainTag });
    else for (const [i, tag] of tags.entries()) run.log.scalar(tag, values[i]!, event);
    return [];
  },
  system(run, { wallTime, values }) {
    const step = Math.max(0, Math.floor(wallTime - run.startTime));
    const place = run.label === undefined ? "system" : `system/${run.label}`;
    for (const [name, value] of Object.entries(values)) {
      run.log.scalar(`${place}/${name}`, value, { wallTime, step });
    }
    return [];
  },
  histogram: (_run, event) => [histogramValue(event)],
  histogramRaw: (_run, event) => [histogramRawValue(event)],
  tensor: (_run, event) => [tensorValue(event)],
  image: (run, event) => [
    "bytes" in event.image
      ? (imageFileValue(event.tag, event.image, event.caption) ??
        mediaFileValue(run.files, "images", event, event.image))
      : imageValue(event, event.image),
  ],
  figure: (run, event) => [
    ("bytes" in event.figure ? imageFileValue(event.tag, event.figure) : undefined) ??
      figureFileValue(run.files, event),
  ],
  video: (run, event) => [
    "bytes" in event.video
      ? (imageFileValue(event.tag, event.video) ?? mediaFileValue(run.files, "videos", event, event.video))
      : videoValue(event, event.video),
  ],
  audio: (_run, event) => [audioValue(event)],
  text: (_run, event) => [textValue(event.tag, event.text)],
  prCurve: (_run, event) => [prCurveValue(event)],
  prCurveRaw: (_run, event) => [prCurveRawValue(event)],
  mesh: (_run, event) => meshValues(event),
  layout: (_run, event) => [layoutValue(event)],
  hparams(run, event) {
    run.log.hparams(event);
    return [];
  },
  graph(run, event) {
    for (const message of graphEvents(event)) run.log.event(message);
    return [];
  },
  embedding(run, event) {
    writeEmbedding(run.files, event);
    return [];
  },
  table: (run, event) => [tableValue(run.files, event)],
  params: (run, event) => [run.session.addParams(event.params)],
  summary(run, event) {
    run.summary = { ...run.summary, ...event.values };
    for (const [name, value] of flatten(event.values)) {
      if (typeof value === "number") run.log.scalar(`summary/${name}`, value, event);
    }
    return [objectValue(run.files, "summary", run.summary)];
  },
  tags: (_run, event) => [tagsValue(event.tags)],
  native: () => [], // another backend's own; the host does not give it to this one
  environment: (run, event) => [objectValue(run.files, "environment", event.environment)],
  console(run, event) {
    const { files: folder } = run;
    makeFolder(folder);
    appendFileSync(join(folder, "console.log"), event.text);
    return [];
  },
  finish(run, event) {
    endSession(run, event.outcome, event.wallTime);
    return [];
  },
};

/** Puts one event into the run's batch or files. Throws when it cannot be kept. */
export function keepEvent(run: OpenRun, event: EventOf<KeptKind>): void {
  const keep = KEEP[event.kind] as (run: OpenRun, event: Event) => readonly ValueMessage[];
  const values = keep(run, event);
  if (values.length > 0) run.log.values(values, event);
}
