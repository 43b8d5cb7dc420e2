import type { OutputRecord, Timestamp } from "../records/record.js";
import { dateOf, timestampOf } from "../records/timestamp.js";
import { type ConsoleText, createTerminal, type TextLine } from "./terminal.js";

/** A line of `output.log` in the file stream. */
export interface ConsoleLine {
  /** Its number in the run, from 0. */
  readonly number: number;
  /** What the server is told: time, stream and text, without a line break. */
  readonly line: string;
}

/** What a script wrote, as the lines that a terminal would show. */
export interface ConsoleLines {
  /** Takes a piece of what was written to stdout or stderr: line breaks, carriage returns and cursor moves apply. */
  write(record: OutputRecord): void;
  /** Takes whole lines of a logger, which are shown as they are. Their records tell no time: default now. */
  append(text: string, time?: Timestamp): void;
  /** Lines that are new or changed since the last call, by number. Earlier lines may come again, rewritten. */
  takeChanges(): ConsoleLine[];
  /**
   * The text of the run file `output.log` since the last call, as far as it can no longer change: call it now and then,
   * and with `end` when the run is over, for the rest. Texts only, each with a line break.
   */
  takeText(end?: boolean): string;
}

export interface ConsoleLinesOptions {
  /** Whether the server has the feature STRUCTURED_CONSOLE_LOGS: lines are JSON then. Default: false. */
  readonly structured?: boolean;
  /** Which of several writers of a run this is. Default: none is named. */
  readonly label?: string;
}

/** How many of the last lines can still change; those before are what they are. */
const LIVE_LINES = 32;

interface NumberedLine extends TextLine {
  readonly number: number;
  readonly error: boolean;
  readonly time: Timestamp;
}

/**
 * Makes the lines of a run's console. A line has the time of the record that began it, or of the call if that tells none.
 *
 * @example
 * ```ts
 * const console = createConsoleLines();
 * console.write({ outputType: "STDOUT", timestamp: { seconds: 0 }, line: "10%\r20%" });
 * console.takeChanges(); // [{ number: 0, line: "1970-01-01T00:00:00.000000 20%" }]
 * ```
 */
export function createConsoleLines({ structured = false, label }: ConsoleLinesOptions = {}): ConsoleLines {
  /** The last lines, in the order of their numbers. */
  const live: NumberedLine[] = [];
  const changed = new Map<number, NumberedLine>();
  let settled = "";
  let count = 0;

  const text: ConsoleText = {
    isLive: (line) => (line as NumberedLine).number >= count - LIVE_LINES,
    changed: (line) => changed.set((line as NumberedLine).number, line as NumberedLine),
  };
  let time: Timestamp = { seconds: 0 };
  const addLine = (error: boolean): NumberedLine => {
    const line: NumberedLine = { text: "", written: "", length: 0, number: count++, error, time };
    live.push(line);
    if (live.length > LIVE_LINES) settled += `${live.shift()!.text}\n`;
    changed.set(line.number, line);
    return line;
  };
  const terminals = {
    STDOUT: createTerminal({ ...text, add: () => addLine(false) }),
    STDERR: createTerminal({ ...text, add: () => addLine(true) }),
  };

  return {
    write({ outputType = "STDERR", timestamp = timestampOf(Date.now() / 1000), line = "" }) {
      time = timestamp;
      terminals[outputType].write(line);
    },
    append(lines, at = timestampOf(Date.now() / 1000)) {
      time = at;
      for (const one of lines.replace(/\n$/, "").split("\n")) addLine(false).text = one;
    },
    takeChanges() {
      const lines = [...changed.values()].sort((a, b) => a.number - b.number);
      changed.clear();
      return lines.map((line) => ({ number: line.number, line: format(line, structured, label) }));
    },
    takeText(end = false) {
      const taken = end
        ? settled +
          live
            .splice(0)
            .map((line) => `${line.text}\n`)
            .join("")
        : settled;
      settled = "";
      return taken;
    },
  };
}

function format({ error, time, text }: NumberedLine, structured: boolean, label: string | undefined): string {
  const ts = stamp(time);
  if (!structured) return `${error ? "ERROR " : ""}${ts} ${label ? `[${label}] ` : ""}${text}`;
  return JSON.stringify({
    ...(error ? { level: "error" } : {}),
    ts,
    ...(label ? { label } : {}),
    content: text,
  });
}

/** UTC to the microsecond, without a zone. */
function stamp(time: Timestamp): string {
  const date = dateOf(time).toISOString().slice(0, -".000Z".length);
  return `${date}.${String(Math.floor((time.nanos ?? 0) / 1000)).padStart(6, "0")}`;
}
