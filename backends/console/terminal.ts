import { writeSync } from "node:fs";
import { isatty } from "node:tty";

/** A place to print to. */
export interface Terminal {
  /** Columns to break lines at; infinite for files and pipes. */
  readonly width: number;
  readonly colors: boolean;
  print(text: string): void;
}

const DEFAULT_WIDTH = 100;
const WAIT_MS = 5;
/** A reader of the pipe that takes nothing for this long is taken for gone. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Stdout or stderr by file descriptor: in a worker `process.stdout` goes through the script's thread, which may be busy
 * for minutes. Colours follow no-color.org: none when NO_COLOR is set and not empty.
 */
export function openTerminal(stream: "stdout" | "stderr", width: number | undefined): Terminal {
  const fd = stream === "stdout" ? 1 : 2;
  const tty = isatty(fd);
  const { NO_COLOR, TERM, COLUMNS } = process.env;
  const columns = process[stream].columns ?? Number(COLUMNS ?? "");
  const ownWidth = tty ? (columns >= 20 ? columns : DEFAULT_WIDTH) : Number.POSITIVE_INFINITY;
  return {
    width: width ?? ownWidth,
    colors: tty && !NO_COLOR && TERM !== "dumb",
    print: (text) => writeAll(fd, Buffer.from(text, "utf8")),
  };
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd: number, bytes: Uint8Array): void {
  let waited = 0;
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(fd, bytes, written);
      waited = 0;
    } catch (error) {
      // The script's thread may have made the pipe non-blocking; when it is full, its reader needs a moment.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || waited >= LONGEST_WAIT_MS) throw error;
      Atomics.wait(sleeper, 0, 0, WAIT_MS);
      waited += WAIT_MS;
    }
  }
}
