import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { isRunning, type ProcessMark, thisProcess } from "../run/process-mark.js";

/** The mark is renewed so often; one of another machine that was not for longer was left by a process that was killed. */
const RENEW_MS = 5_000;
const STALE_MS = 30_000;

/**
 * Marks a log as being sent by this process, so that two commands do not send it at the same time: what has no number,
 * such as an alert, would arrive twice. The mark is a file beside the log; where none can be written there is none.
 *
 * @returns what takes the mark off again; undefined while another process has it
 */
export function lockLog(logFile: string): (() => void) | undefined {
  const path = `${logFile}.sending`;
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify(thisProcess()), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") return () => {};
      if (isHeld(path)) return undefined;
      rmSync(path, { force: true });
    }
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
    rmSync(path, { force: true });
  };
}

function isHeld(path: string): boolean {
  const renewed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const isFresh = Date.now() - renewed < STALE_MS;
  try {
    return isRunning(JSON.parse(readFileSync(path, "utf8")) as ProcessMark) ?? isFresh;
  } catch {
    // Just being written, or taken off.
    return isFresh;
  }
}
