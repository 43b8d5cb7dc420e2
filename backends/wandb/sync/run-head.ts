import { closeSync, openSync, readSync, statSync } from "node:fs";
import { messageOf } from "../../../src/errors.js";
import { decodeRecord, type RunRecord } from "../records/record.js";
import { BLOCK_SIZE, CHUNK_HEADER_SIZE, ChunkType } from "../transaction-log/format.js";
import { readRecordBytes, readTransactionLog } from "../transaction-log/reader.js";

/** What the beginning of a log tells of its run. */
export interface RunHead {
  /** The run record; undefined when the log has none. */
  readonly run: RunRecord | undefined;
  /** Why there is none: `empty` when nothing was written yet. */
  readonly problem: string | undefined;
}

/** The run record is among the first; a log that has none there has none. */
const MOST_RECORDS = 100;
/** An exit record has two numbers; whatever is longer is none. */
const LONGEST_EXIT = 256;
/** Half a megabyte. */
const TAIL_BLOCKS = 16;

/** Reads a log up to its run record. */
export function readRunHead(logFile: string): RunHead {
  try {
    return readHead(logFile);
  } catch (error) {
    return { run: undefined, problem: messageOf(error) };
  }
}

function readHead(logFile: string): RunHead {
  const records = readTransactionLog(logFile);
  for (let count = 0; count < MOST_RECORDS; count++) {
    const next = records.next();
    if (next.done) {
      const { reason, problem = "it has no run" } = next.value;
      return { run: undefined, problem: count === 0 && reason !== "corrupt" ? "empty" : problem };
    }
    const { run } = next.value.record;
    if (run === undefined) continue;
    records.return({ reason: "end", offset: 0 });
    return { run, problem: undefined };
  }
  records.return({ reason: "end", offset: 0 });
  return { run: undefined, problem: "it has no run" };
}

/** Whether a log has its run's end, which is among its last records. */
export function hasExit(logFile: string): boolean {
  const blocks = Math.floor(statSync(logFile).size / BLOCK_SIZE);
  for (const { bytes } of readRecordBytes(logFile, firstRecord(logFile, Math.max(0, blocks - TAIL_BLOCKS)))) {
    if (isExit(bytes)) return true;
  }
  return false;
}

/** Where a record begins in this block or behind it: a block may begin in the middle of one. */
function firstRecord(logFile: string, block: number): number {
  if (block === 0) return 0;
  const file = openSync(logFile, "r");
  try {
    const header = new Uint8Array(CHUNK_HEADER_SIZE);
    for (let at = block * BLOCK_SIZE; ; ) {
      if (BLOCK_SIZE - (at % BLOCK_SIZE) < CHUNK_HEADER_SIZE) at += BLOCK_SIZE - (at % BLOCK_SIZE);
      const isThere = readSync(file, header, 0, CHUNK_HEADER_SIZE, at) === CHUNK_HEADER_SIZE;
      const type = header[6]!;
      if (!isThere || (type !== ChunkType.middle && type !== ChunkType.last)) return at;
      at += CHUNK_HEADER_SIZE + (header[4]! | (header[5]! << 8));
    }
  } finally {
    closeSync(file);
  }
}

function isExit(bytes: Uint8Array): boolean {
  if (bytes.length > LONGEST_EXIT) return false;
  try {
    return decodeRecord(bytes).exit !== undefined;
  } catch {
    // Damage is told when the log is sent.
    return false;
  }
}
