import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";

/** Lines of the files of a file stream. */
export interface LineCounts {
  readonly history: number;
  readonly events: number;
  readonly console: number;
}

/**
 * How much of a transaction log a server has. It stands beside the log and makes sending repeatable: lines go to the
 * places they had the first time, and what needs no repetition is not sent again.
 */
export interface Cursor {
  readonly baseUrl: string;
  readonly entity: string;
  readonly project: string;
  readonly runId: string;
  /** Lines that the run had before this log: where the log's own begin. */
  readonly base: LineCounts;
  /** Lines of the log that the server has confirmed. */
  readonly sent: LineCounts;
  /** Alerts of the log that were sent. */
  readonly alerts: number;
  /** When the first attempt began to send the next one which it may have taken, in milliseconds since the epoch. */
  readonly alertBegan?: number | undefined;
  /** Whether the log goes on with a run that was there before it. */
  readonly resumed: boolean;
  /** Everything arrived, and the run has ended. */
  readonly finished: boolean;
}

export const NO_LINES: LineCounts = { history: 0, events: 0, console: 0 };

export const cursorFile = (logFile: string): string => `${logFile}.cursor`;

/** The mark that the official `wandb sync` leaves, and goes by. */
export const syncedMark = (logFile: string): string => `${logFile}.synced`;

/** The cursor of a log; undefined when there is none, or it cannot be read. */
export function readCursor(logFile: string): Cursor | undefined {
  try {
    const cursor = JSON.parse(readFileSync(cursorFile(logFile), "utf8")) as Partial<Cursor>;
    const { base, sent } = cursor;
    return isCounts(base) && isCounts(sent) && typeof cursor.runId === "string"
      ? (cursor as Cursor)
      : undefined;
  } catch {
    return undefined;
  }
}

function isCounts(counts: Partial<LineCounts> | undefined): boolean {
  return [counts?.history, counts?.events, counts?.console].every((count) => Number.isSafeInteger(count));
}

/** Replaces the cursor in one step. Throws when the folder cannot be written. */
export function writeCursor(logFile: string, cursor: Cursor): void {
  const path = cursorFile(logFile);
  const fresh = `${path}.${process.pid}`;
  try {
    writeFileSync(fresh, JSON.stringify(cursor));
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}
