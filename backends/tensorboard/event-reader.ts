import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { TraceletError } from "../../src/errors.js";
import type { EventMessage } from "./messages.js";
import { type RecordsEnd, scanRecords } from "./records.js";
import { decodeEvent } from "./schema.js";

/** How far one event file could be read. */
export interface EventFileStatus extends RecordsEnd {
  /** The file. */
  readonly path: string;
  /** Number of whole events read. */
  readonly events: number;
}

/**
 * Reads event files, whoever wrote them. A last record that is not whole is normal (its writer may be at work, or was
 * killed): reading ends before it. A damaged record ends the reading of its file; `status` says where and why.
 *
 * @example
 * ```ts
 * const reader = new EventFileReader("runs/demo"); // or one event file
 * for (const event of reader) {
 *   for (const value of event.summary?.value ?? []) console.log(value.tag, event.step ?? 0, value.simpleValue);
 * }
 * for (const { path, state, reason } of reader.status) if (state !== "end") console.log(path, state, reason);
 * ```
 */
export class EventFileReader implements Iterable<EventMessage> {
  /** The event files, in the order in which TensorBoard reads them. */
  readonly paths: readonly string[];
  readonly #status = new Map<string, EventFileStatus>();

  /**
   * @param path An event file, or a run's folder, whose event files are read one after the other (sub-folders are
   *   runs of their own and are left out).
   * @throws TraceletError `invalid-file` when there is no such file or folder.
   */
  constructor(path: string) {
    try {
      this.paths = statSync(path).isDirectory()
        ? readdirSync(path, { withFileTypes: true })
            .filter((entry) => !entry.isDirectory() && entry.name.includes("tfevents"))
            .map((entry) => join(path, entry.name))
            .sort()
        : [path];
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }

  /** What became of the files read so far, in the order of `paths`. */
  get status(): readonly EventFileStatus[] {
    return this.paths.flatMap((path) => this.#status.get(path) ?? []);
  }

  /**
   * Reads every file from its beginning.
   *
   * @throws TraceletError `invalid-file` when a file cannot be opened; damage inside a file is told by `status`.
   */
  *[Symbol.iterator](): Generator<EventMessage, void, undefined> {
    for (const path of this.paths) {
      const fd = open(path);
      try {
        this.#status.set(path, yield* readEvents(path, fd));
      } finally {
        closeSync(fd);
      }
    }
  }
}

function unreadable(path: string, cause: unknown): TraceletError {
  return new TraceletError("invalid-file", `Cannot read ${path}: ${(cause as Error).message}.`, { cause });
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function* readEvents(path: string, fd: number): Generator<EventMessage, EventFileStatus, undefined> {
  const records = scanRecords(
    (target, at, length, position) => readSync(fd, target, at, length, position),
    fstatSync(fd).size,
  );
  for (let events = 0; ; events++) {
    const next = records.next();
    if (next.done) return { path, events, ...next.value };
    const { offset, payload } = next.value;
    let event: EventMessage;
    try {
      event = decodeEvent(payload.slice()); // the scanner reuses its memory
    } catch (error) {
      const reason = `a record is no Event: ${(error as Error).message}`;
      return { path, events, offset, state: "corrupt", reason };
    }
    yield event;
  }
}
