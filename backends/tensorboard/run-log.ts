import { join } from "node:path";
import type { HparamsEvent, RowEvent, ScalarColumns } from "../../src/events/event.js";
import { type EventFile, type EventFileOptions, openEventFile } from "./event-file.js";
import { makeUniqueFolder } from "./log-dir.js";
import type { EventMessage, ValueMessage } from "./messages.js";
import { appendRecord, createRecordBuffer, type RecordBuffer } from "./records.js";
import { placeInside } from "./run-folder.js";
import { appendScalar } from "./scalar-encoder.js";
import { encodeEvent } from "./schema.js";
import { experimentValue, sessionEndValue, sessionStartValue } from "./summaries/hparams.js";

/** When, on the run's axis and in the world. */
export interface Moment {
  readonly wallTime: number;
  readonly step?: number;
}

/** The event files of one run: its own, and those of its sub-runs. */
export interface RunLog {
  readonly folder: string;
  /** Bytes in the batch, not yet handed over. */
  readonly pendingBytes: number;
  /** Appends a scalar to the batch. */
  scalar(tag: string, value: number, moment: Moment): void;
  scalars(columns: ScalarColumns): void;
  /** Appends values to the batch as one event. */
  values(values: readonly ValueMessage[], moment: Moment): void;
  /** Appends an event to the batch. */
  event(event: EventMessage): void;
  /** `add_scalars`: every name is a curve, that is a sub-run, of one chart. */
  curves(row: RowEvent & { readonly mainTag: string }): void;
  /** `add_hparams`: a sub-run of its own. */
  hparams(event: HparamsEvent): void;
  /** Hands the batch over to the operating system and empties it, also when that fails. */
  write(): void;
  sync(): void;
  close(): void;
}

const INITIAL_BYTES = 1 << 16;
const KEPT_BYTES = 8 << 20;

// One for all runs of the thread, so that a run in wait costs no memory: nothing stays in it between two calls of a
// backend, and nothing else runs in between, since they are filled and written synchronously.
const batch = createRecordBuffer(INITIAL_BYTES);
const subRunBatch = createRecordBuffer(1 << 10);

function emptyInto(file: EventFile, buffer: RecordBuffer): void {
  const { bytes, length } = buffer;
  buffer.length = 0;
  if (bytes.length > KEPT_BYTES) Object.assign(buffer, createRecordBuffer(INITIAL_BYTES));
  if (length > 0) file.append(bytes, length);
}

/** A number that every reader takes as a time: NaN would make TensorBoard's default one give up the file. */
function readableTime(wallTime: number | undefined): number {
  return Number.isFinite(wallTime) ? wallTime! : Date.now() / 1000;
}

function summaryEvent(value: readonly ValueMessage[], { wallTime, step }: Moment): EventMessage {
  return { wallTime, ...(step === undefined ? {} : { step: Math.trunc(step) }), summary: { value } };
}

/** Opens the run's event file in `folder`. Throws when it cannot be created. */
export function openRunLog(folder: string, options: EventFileOptions): RunLog {
  const { purgeStep: _, ...subRunOptions } = options; // torch purges the run itself only
  const file = openEventFile(folder, options);
  const subRuns = new Map<string, EventFile>();

  const subRun = (path: string): EventFile => {
    const opened = subRuns.get(path) ?? openEventFile(path, subRunOptions);
    subRuns.set(path, opened);
    return opened;
  };
  // Points without a step: PyTorch writes 0 for all of them, and TensorBoard's default reader then shows only the last.
  // Counting them for each tag keeps every point visible; a single one is at 0, as PyTorch's.
  const counts = new Map<string, number>();
  const nextStep = (tag: string): number => {
    const count = counts.get(tag) ?? 0;
    counts.set(tag, count + 1);
    return count;
  };
  const write = () => emptyInto(file, batch);
  const append = (buffer: RecordBuffer, event: EventMessage) =>
    appendRecord(buffer, encodeEvent({ ...event, wallTime: readableTime(event.wallTime) }));

  return {
    folder,
    get pendingBytes() {
      return batch.length;
    },
    scalar(tag, value, { wallTime, step = nextStep(tag) }) {
      appendScalar(batch, tag, value, step, wallTime);
    },
    scalars({ length, tags, values, steps, wallTimes }) {
      for (let i = 0; i < length; i++) {
        const tag = tags[i]!;
        const step = steps[i]!;
        appendScalar(batch, tag, values[i]!, Number.isNaN(step) ? nextStep(tag) : step, wallTimes[i]!);
      }
    },
    values(values, moment) {
      const { step = nextStep(values[0]?.tag ?? "") } = moment;
      append(batch, summaryEvent(values, { ...moment, step }));
    },
    event(event) {
      append(batch, event);
    },
    curves({ mainTag, tags, values, wallTime, step }) {
      const prefix = `${mainTag.replaceAll("/", "_")}_`;
      for (const [i, tag] of tags.entries()) {
        appendScalar(subRunBatch, mainTag, values[i]!, step ?? nextStep(prefix + tag), wallTime);
        emptyInto(subRun(placeInside(folder, prefix + tag)), subRunBatch);
      }
    },
    hparams(event) {
      const { runName, hparams, metrics, domainDiscrete = {}, wallTime, step = 0 } = event;
      const path = runName ? placeInside(folder, runName) : makeUniqueFolder(join(folder, String(wallTime)));
      const subFile = openEventFile(path, subRunOptions);
      try {
        const info = [sessionStartValue(hparams), sessionEndValue("finished")];
        if (Object.keys(domainDiscrete).length > 0) info.unshift(experimentValue(event));
        for (const value of info) append(subRunBatch, summaryEvent([value], event));
        for (const [tag, value] of Object.entries(metrics)) {
          appendScalar(subRunBatch, tag, value, step, wallTime);
        }
        emptyInto(subFile, subRunBatch);
      } finally {
        subRunBatch.length = 0;
        subFile.close();
      }
    },
    write,
    sync() {
      for (const opened of [file, ...subRuns.values()]) opened.flush();
    },
    close() {
      for (const opened of [file, ...subRuns.values()]) opened.close();
    },
  };
}
