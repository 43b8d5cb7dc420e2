import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { setTimeout } from "node:timers/promises";
import { isRunning, type ProcessMark, thisProcess } from "../run/process-mark.js";

/** The mark is renewed so often; one of another machine that was not for longer was left by a process that was killed. */
const RENEW_MS = 5_000;
const STALE_MS = 30_000;
/** How often a mark of another process is looked at. */
const LOOK_MS = 500;

export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Another process has the log; told once. */
  onWait?(): void;
  /** How long a mark of another machine stays as it is before it counts as left behind; default 30 s. */
  readonly staleMs?: number;
}

/**
 * Marks a log as being sent by this process, so that two commands do not send it at the same time: what has no number,
 * such as an alert, would arrive twice. The mark is a file beside the log; where none can be written there is none.
 * While another process has the log, this one waits.
 *
 * @returns what takes the mark off again; undefined when the signal has ended the wait
 */
export async function lockLog(
  logFile: string,
  { signal, onWait, staleMs = STALE_MS }: LockOptions = {},
): Promise<(() => void) | undefined> {
  const path = `${logFile}.sending`;
  let seen: Mark | undefined;
  let since = 0;
  let isToldOf = false;
  for (;;) {
    try {
      const unlock = take(path);
      if (unlock !== undefined) return unlock;
      const mark = readMark(path);
      if (mark?.version !== seen?.version) since = performance.now();
      seen = mark;
      // How long it has not changed, not how old it says it is: clocks of two machines differ, or were set wrong.
      if (mark !== undefined && !(isHeldHere(mark) ?? performance.now() - since < staleMs)) {
        discard(path, mark);
        continue;
      }
    } catch {
      // Nothing can be written here, or only by others.
      return () => {};
    }
    if (!isToldOf) onWait?.();
    isToldOf = true;
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
    if (signal?.aborted) return undefined;
  }
}

/** A mark as it was read. */
interface Mark {
  /** Another one for each process, and each renewal. */
  readonly version: string;
  /** Undefined when it cannot be read: it may just be written. */
  readonly process: ProcessMark | undefined;
}

const isHeldHere = ({ process }: Mark): boolean | undefined =>
  process === undefined ? undefined : isRunning(process);

/** @returns undefined when there is a mark */
function take(path: string): (() => void) | undefined {
  let file: number;
  try {
    file = openSync(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  const own = JSON.stringify(thisProcess());
  try {
    writeSync(file, own);
  } catch (error) {
    // A full disk has room for its name, and it would hold up the next one.
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  const renewal = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder is gone; so is the log.
    }
  }, RENEW_MS);
  renewal.unref();
  return () => {
    clearInterval(renewal);
    try {
      if (readFileSync(path, "utf8") === own) rmSync(path, { force: true });
    } catch {
      // It is gone already.
    }
  };
}

/** @returns undefined when there is none any more */
function readMark(path: string): Mark | undefined {
  let file: number;
  try {
    // Opened, as a network file system may tell of attributes from a minute ago otherwise.
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return { version: "", process: undefined };
  }
  try {
    const text = readFileSync(file, "utf8");
    return { version: `${fstatSync(file).mtimeMs} ${text}`, process: processOf(text) };
  } finally {
    closeSync(file);
  }
}

function processOf(text: string): ProcessMark | undefined {
  try {
    const mark = JSON.parse(text) as Partial<ProcessMark>;
    return Number.isSafeInteger(mark.pid) ? (mark as ProcessMark) : undefined;
  } catch {
    return undefined;
  }
}

/** Takes away a mark that was left behind. Renamed first: of several processes that find it, one gets it. */
function discard(path: string, mark: Mark): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    // Another process was faster, and this is its own mark.
    if (readMark(aside)?.version !== mark.version) linkSync(aside, path);
  } catch {
    // A third one has put its own there.
  } finally {
    rmSync(aside, { force: true });
  }
}
