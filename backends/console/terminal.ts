import { isatty } from "node:tty";
import { printBytes } from "../../src/backend/print.js";

/** A place to print to. */
export interface Terminal {
  /** Columns to break lines at; infinite for files and pipes. */
  readonly width: number;
  readonly colors: boolean;
  print(text: string): void;
}

const DEFAULT_WIDTH = 100;

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
    print: (text) => printBytes(fd, Buffer.from(text, "utf8")),
  };
}
