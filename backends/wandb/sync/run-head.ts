import { messageOf } from "../../../src/errors.js";
import { decodeRecord, type RunRecord } from "../records/record.js";
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

/** Whether a log has its run's end. */
export function hasExit(logFile: string): boolean {
  for (const { bytes } of readRecordBytes(logFile)) {
    if (bytes.length > LONGEST_EXIT) continue;
    try {
      if (decodeRecord(bytes).exit !== undefined) return true;
    } catch {
      // Damage is told when the log is sent.
    }
  }
  return false;
}
