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
  /** How long the log was when it had arrived. */
  readonly bytes?: number | undefined;
  /** When the run began, as its log says: another log may stand there under the same name. */
  readonly began?: string | undefined;
}

/** The cursors of a log: the one of its last destination first, then those of other servers, projects and ids. */
type CursorFile = Cursor & { readonly others?: readonly Cursor[] };

/** As many destinations are remembered. */
const MOST_CURSORS = 20;

export const NO_LINES: LineCounts = { history: 0, events: 0, console: 0 };

export const cursorFile = (logFile: string): string => `${logFile}.cursor`;

/** The mark that the official `wandb sync` leaves, and goes by. */
export const syncedMark = (logFile: string): string => `${logFile}.synced`;

/** The cursor of where a log was sent last; undefined when there is none, or it cannot be read. */
export const readCursor = (logFile: string): Cursor | undefined => readCursors(logFile)[0];

/** The cursors of all places where a log was sent, the last one first. */
export function readCursors(logFile: string): readonly Cursor[] {
  try {
    const { others = [], ...last } = JSON.parse(readFileSync(cursorFile(logFile), "utf8")) as CursorFile;
    return [last, ...others].filter(
      ({ base, sent, runId }) => isCounts(base) && isCounts(sent) && typeof runId === "string",
    );
  } catch {
    return [];
  }
}

function isCounts(counts: Partial<LineCounts> | undefined): boolean {
  return [counts?.history, counts?.events, counts?.console].every((count) => Number.isSafeInteger(count));
}

/**
 * Replaces the cursor in one step. Throws when the folder cannot be written.
 *
 * @param others those of other destinations
 */
export function writeCursor(logFile: string, cursor: Cursor, others: readonly Cursor[] = []): void {
  const path = cursorFile(logFile);
  const fresh = `${path}.${process.pid}`;
  const file: CursorFile = others.length === 0 ? cursor : { ...cursor, others };
  try {
    writeFileSync(fresh, JSON.stringify(file));
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/** Those of other destinations than a cursor's. */
export function cursorsBeside(cursors: readonly Cursor[], cursor: Cursor): readonly Cursor[] {
  const parts = ["baseUrl", "entity", "project", "runId"] as const;
  return cursors.filter((each) => parts.some((part) => each[part] !== cursor[part])).slice(0, MOST_CURSORS);
}
