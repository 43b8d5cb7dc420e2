import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  rmSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../src/backend/folder.js";
import { TraceletError } from "../../src/errors.js";
import type { EventMessage } from "./messages.js";
import { appendRecord, createRecordBuffer } from "./records.js";
import { encodeEvent } from "./schema.js";

/** What a new event file is told. */
export interface EventFileOptions {
  /** Appended to the file's name, as torch's `filename_suffix`. */
  readonly filenameSuffix?: string | undefined;
  /** Hides the events of earlier files of this folder from this step on (TensorBoard's Python reader only). */
  readonly purgeStep?: number | undefined;
  /** Called once if someone removes the file or its folder while it is written; a new one is begun. */
  readonly onRemoved?: () => void;
}

/** An event file open for appending. */
export interface EventFile {
  /** Where the file is; it changes when the file was removed and a new one was begun. */
  readonly path: string;
  /** Length of the file: everything before it is whole records. */
  readonly size: number;
  /** Hands whole records to the operating system. On failure the file ends where it did before, and it throws. */
  append(bytes: Uint8Array, length?: number): void;
  /** Returns when everything appended is on the disk. */
  flush(): void;
  /** Idempotent. */
  close(): void;
}

/** `file_version: "brain.Event:2"` and `source_metadata { writer: "tracelet" }`. */
const VERSION_FIELDS = new TextEncoder().encode("\x1a\x0dbrain.Event:2\x52\x0a\x0a\x08tracelet");
const SESSION_START = 1;
const CHECK_INTERVAL_MS = 1000;
let fileCounter = 0;

/**
 * A name that sorts behind every event file already in the folder: TensorBoard's Python reader goes through a run's
 * files in the order of their names and then follows the last one only. So the numbers are padded with zeros (pid 9
 * would sort behind pid 10), and a clock that went backwards is overruled.
 */
function nextFileName(existing: readonly string[], suffix: string): string {
  const last = [...existing].sort().at(-1) ?? "";
  const lastSeconds = Number(/^events\.out\.tfevents\.(\d{10})\./.exec(last)?.[1] ?? 0);
  const host = hostname().replace(/[^\w.-]/g, "_");
  const pid = String(process.pid).padStart(7, "0");
  const count = String(fileCounter++).padStart(6, "0");
  const name = (seconds: number) =>
    `events.out.tfevents.${String(seconds).padStart(10, "0")}.${host}.${pid}.${count}${suffix}`;
  const seconds = Math.max(Math.floor(Date.now() / 1000), lastSeconds);
  return name(seconds) > last ? name(seconds) : name(seconds + 1);
}

/**
 * The first records: the version, and what makes the reader purge, if asked for. The version is put together by
 * hand, so that a file of scalars never needs to load protobufjs.
 */
function firstRecords(resumed: boolean, purgeStep: number | undefined): Uint8Array {
  const buffer = createRecordBuffer(256);
  const version = new Uint8Array(9 + VERSION_FIELDS.length);
  const wallTime = Date.now() / 1000;
  version[0] = 0x09;
  new DataView(version.buffer).setFloat64(1, wallTime, true);
  version.set(VERSION_FIELDS, 9);
  appendRecord(buffer, version);
  if (purgeStep !== undefined) {
    const start: EventMessage = { wallTime, step: purgeStep, sessionLog: { status: SESSION_START } };
    appendRecord(buffer, encodeEvent({ wallTime, step: purgeStep, fileVersion: "brain.Event:2" }));
    appendRecord(buffer, encodeEvent(start));
    // The Python reader ignores the first session start of a run, so one more is needed to purge what an earlier
    // session without one has written (torch writes a single one, which hides nothing).
    if (resumed) appendRecord(buffer, encodeEvent(start));
  }
  return buffer.bytes.subarray(0, buffer.length);
}

function listEventFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.includes("tfevents"));
}

/** Another thread of this process may take the same name at the same moment; the next one is then free. */
function createExclusive(folder: string, existing: readonly string[], suffix: string): [string, number] {
  for (let attempt = 1; ; attempt++) {
    const path = join(folder, nextFileName(existing, suffix));
    try {
      return [path, openSync(path, "wx")];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 100) throw error;
    }
  }
}

function writeFully(fd: number, bytes: Uint8Array, length: number, position: number): void {
  for (let done = 0; done < length; ) done += writeSync(fd, bytes, done, length - done, position + done);
}

/**
 * Creates the folder (with its parents) and a new event file in it, which TensorBoard can read at once. An existing
 * file is never touched: a run that is resumed gets one more file.
 *
 * @throws TraceletError `backend-failed` when the folder or the file cannot be created.
 */
export function openEventFile(folder: string, options: EventFileOptions = {}): EventFile {
  let fd = -1;
  let path = "";
  let size = 0;
  let lastCheck = performance.now();
  let reported = false;

  const create = (purgeStep: number | undefined) => {
    let newPath = "";
    let newFd = -1;
    try {
      makeFolder(folder);
      const existing = listEventFiles(folder);
      [newPath, newFd] = createExclusive(folder, existing, options.filenameSuffix ?? "");
      const first = firstRecords(existing.length > 0, purgeStep);
      writeFully(newFd, first, first.length, 0);
      [path, fd, size] = [newPath, newFd, first.length];
    } catch (cause) {
      if (newFd >= 0) {
        closeSync(newFd);
        rmSync(newPath, { force: true });
      }
      throw new TraceletError(
        "backend-failed",
        `Cannot create an event file in ${folder}: ${(cause as Error).message}. ` +
          "Make the folder writable or set another logDir.",
        { backend: "tensorboard", cause },
      );
    }
  };

  const isRemoved = () => {
    lastCheck = performance.now();
    try {
      return fstatSync(fd).nlink === 0;
    } catch {
      return true; // e.g. a stale handle of a network file system
    }
  };

  const report = () => {
    if (!reported) options.onRemoved?.();
    reported = true;
  };

  const recreate = () => {
    const old = fd;
    create(undefined);
    closeSync(old);
    report();
  };

  create(options.purgeStep);
  return {
    get path() {
      return path;
    },
    get size() {
      return size;
    },
    append(bytes, length = bytes.length) {
      if (fd < 0) throw new TraceletError("backend-failed", `The event file ${path} is closed.`);
      if (performance.now() - lastCheck > CHECK_INTERVAL_MS && isRemoved()) recreate();
      try {
        writeFully(fd, bytes, length, size);
        size += length;
      } catch (cause) {
        try {
          ftruncateSync(fd, size);
        } catch {
          // The next append begins at `size` again and overwrites the rest.
        }
        throw new TraceletError(
          "backend-failed",
          `Cannot write to ${path}: ${(cause as Error).message}. What was written before can be read.`,
          { backend: "tensorboard", cause },
        );
      }
    },
    flush() {
      if (fd >= 0) fdatasyncSync(fd);
    },
    close() {
      if (fd < 0) return;
      if (isRemoved()) report();
      closeSync(fd);
      fd = -1;
    },
  };
}
