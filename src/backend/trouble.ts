import { writeSync } from "node:fs";
import { maskSecrets } from "../collectors/secrets.js";

/** A message that differs only in its numbers from one already told is told again after this long at the earliest. */
const REPEAT_AFTER_MS = 30_000;
/** Different messages told in that time; a source that makes up a new one each time is cut short. */
const MAX_KINDS = 20;

/** Returns a function that passes a message on unless it was told a short while ago. */
export function createTroubleFilter(): (message: string) => boolean {
  const told = new Map<string, number>();
  return (message) => {
    const kind = message.replace(/\d+/g, "#");
    const now = performance.now();
    if (now - (told.get(kind) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER_MS) return false;
    if (told.size >= MAX_KINDS) {
      for (const [old, time] of told) if (now - time >= REPEAT_AFTER_MS) told.delete(old);
      if (told.size >= MAX_KINDS) return false;
    }
    told.set(kind, now);
    return true;
  };
}

/**
 * One line on stderr. Straight to the file descriptor: the worker's own stderr only moves while the script's thread
 * is idle. Secrets, line breaks and control characters in foreign messages do not get through.
 */
export function printLine(text: string): void {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed.
    writeSync(2, `tracelet: ${maskSecrets(text).replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ")}\n`);
  } catch {
    // A closed or full stderr must not disturb logging; the trouble is in stats() too.
  }
}
