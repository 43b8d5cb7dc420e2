import { closeSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { TraceletError } from "../../../src/errors.js";
import type { Branch } from "../history/row.js";
import { HistoryEncoder } from "../records/history-encoder.js";
import { encodeRecord, type WandbRecord } from "../records/record.js";
import { FILE_HEADER } from "./format.js";
import { Frames } from "./frames.js";
import { readTransactionLog } from "./reader.js";

/**
 * The `.wandb` file of a run, open for appending. Records collect in memory; `flush` gives all of them to the operating
 * system in one write, from when on they survive the process.
 *
 * @example
 * ```ts
 * const log = TransactionLog.create("run-abcd1234.wandb");
 * log.append({ header: { versionInfo: { producer: "tracelet" } } });
 * log.append({ run: { runId: "abcd1234", project: "demo" } });
 * log.flush();
 * log.close();
 * ```
 */
export class TransactionLog {
  readonly path: string;
  readonly #file: number;
  readonly #frames: Frames;
  readonly #history = new HistoryEncoder();
  /** Bytes of the file that are whole records. */
  #size: number;
  #lastNum: number;

  private constructor(path: string, file: number, size: number, lastNum: number) {
    this.path = path;
    this.#file = file;
    this.#size = size;
    this.#lastNum = lastNum;
    this.#frames = new Frames(size);
  }

  /** Creates the file with its header. Throws `backend-failed` when it exists already or cannot be made. */
  static create(path: string): TransactionLog {
    const file = open(path, "wx");
    const log = new TransactionLog(path, file, FILE_HEADER.length, 0);
    try {
      log.#write(FILE_HEADER, 0);
    } catch (error) {
      closeSync(file);
      throw error;
    }
    return log;
  }

  /**
   * Opens a file that a killed process left, drops its torn tail, and goes on behind its last whole record.
   * Throws `invalid-file` when the file is damaged otherwise.
   */
  static reopen(path: string): TransactionLog {
    const records = readTransactionLog(path);
    let lastNum = 0;
    for (;;) {
      const next = records.next();
      if (!next.done) {
        lastNum = next.value.record.num ?? lastNum;
        continue;
      }
      const { reason, offset, problem } = next.value;
      if (reason === "corrupt" || offset < FILE_HEADER.length) {
        throw new TraceletError(
          "invalid-file",
          `${path} cannot be continued: ${problem ?? "it has no header"}. Sync what it holds, or move it away.`,
          { backend: "wandb" },
        );
      }
      const file = open(path, "r+");
      ftruncateSync(file, offset);
      return new TransactionLog(path, file, offset, lastNum);
    }
  }

  /** Number of the last record appended; they count from 1. */
  get lastNum(): number {
    return this.#lastNum;
  }

  /** Bytes in the file. */
  get size(): number {
    return this.#size;
  }

  /** Bytes appended and not yet flushed. */
  get pendingBytes(): number {
    return this.#frames.length;
  }

  /** Records appended and not yet flushed. */
  get pendingRecords(): number {
    return this.#frames.records;
  }

  /** Adds a record and returns its number. */
  append(record: Omit<WandbRecord, "num">): number {
    const num = ++this.#lastNum;
    this.#frames.append(encodeRecord({ num, ...record }));
    return num;
  }

  /** Adds a history row, the fast way, and returns its number; `step` is absent in shared mode. */
  appendRow(row: Branch, step: number | undefined): number {
    const num = ++this.#lastNum;
    this.#history.encode(this.#frames, num, row, step);
    return num;
  }

  /**
   * Writes what was appended. When that fails (a full disk), the file is cut back to its last whole record, the records
   * stay pending for another `flush` or a `discard`, and `backend-failed` is thrown.
   */
  flush(): void {
    if (this.#frames.length === 0) return;
    this.#write(this.#frames.bytes.subarray(0, this.#frames.length), this.#size);
    this.#size += this.#frames.length;
    this.#frames.clear();
  }

  /** Gives up the records that are pending and returns how many they were. */
  discard(): number {
    const count = this.#frames.records;
    this.#frames.discard();
    return count;
  }

  /** Waits until the file is on the disk itself. */
  sync(): void {
    fsyncSync(this.#file);
  }

  /** Flushes and closes the file. */
  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.#file);
    }
  }

  #write(bytes: Uint8Array, position: number): void {
    let done = 0;
    try {
      while (done < bytes.length) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
      }
    } catch (cause) {
      // A partial record would end the log for readers, even with good records behind it.
      try {
        ftruncateSync(this.#file, position);
      } catch {
        // The first failure is the one to report; a reader takes what is left for a torn tail.
      }
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TraceletError(
        "backend-failed",
        `Cannot write ${this.path}: ${reason}. Free space or choose another folder; what was written before is whole.`,
        { backend: "wandb", cause },
      );
    }
  }
}

function open(path: string, flags: string): number {
  try {
    return openSync(path, flags, 0o666);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TraceletError("backend-failed", `Cannot open the transaction log ${path}: ${reason}`, {
      backend: "wandb",
      cause,
    });
  }
}
