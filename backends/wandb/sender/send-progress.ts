import { messageOf } from "../../../src/errors.js";
import type { Cursor, LineCounts } from "./cursor.js";
import { writeCursor } from "./cursor.js";

/** The cursor is written at most so often while lines arrive. */
const SAVE_MS = 1_000;
const MOST_MARKS = 4_096;

/** Up to where in the log everything has arrived, and the cursor that says so. */
export interface SendProgress {
  /** Says that everything before `offset` was handed over, which were so many lines of the log. */
  handedOver(offset: number, lines: LineCounts): void;
  /** Says how many lines of the log have arrived. */
  arrived(lines: LineCounts): void;
  /**
   * Says that the server has not taken a line of the log, of which so many stand before it. The cursor stays there, so
   * that the next time sends it again, and what is behind it, to their places.
   */
  missing(kind: "history" | "events", line: number): void;
  /** Changes the cursor and writes it. */
  save(changes?: Partial<Cursor>): void;
  /** Every line of the log before it has arrived. */
  readonly offset: number;
  readonly cursor: Cursor;
  stop(): void;
}

/** @param others cursors of other destinations, which are kept */
export function createSendProgress(
  logFile: string,
  first: Cursor,
  others: readonly Cursor[],
  warn: (message: string) => void,
): SendProgress {
  let cursor = first;
  let most: Pick<LineCounts, "history" | "events"> = { history: Infinity, events: Infinity };
  let offset = 0;
  let marks: { readonly offset: number; readonly lines: LineCounts }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let warned = false;

  const save = (): void => {
    clearTimeout(timer);
    timer = undefined;
    try {
      const { history, events, console } = cursor.sent;
      const sent = {
        history: Math.min(history, most.history),
        events: Math.min(events, most.events),
        console,
      };
      writeCursor(logFile, { ...cursor, sent }, others);
    } catch (error) {
      if (!warned) warn(`how much was sent cannot be noted beside the log: ${messageOf(error)}`);
      warned = true;
    }
  };
  const pass = (): void => {
    let passed = 0;
    for (const mark of marks) {
      if (!reaches(cursor.sent, mark.lines)) break;
      offset = mark.offset;
      passed++;
    }
    if (passed > 0) marks = marks.slice(passed);
  };

  return {
    handedOver(at, lines) {
      // Of many that wait for a server every second one will do.
      if (marks.length >= MOST_MARKS) marks = marks.filter((_, index) => index % 2 === 1);
      marks.push({ offset: at, lines });
      pass();
    },
    arrived(sent) {
      cursor = { ...cursor, sent };
      pass();
      timer ??= setTimeout(save, SAVE_MS);
    },
    missing(kind, line) {
      most = { ...most, [kind]: Math.min(most[kind], line) };
    },
    save(changes = {}) {
      cursor = { ...cursor, ...changes };
      save();
    },
    get offset() {
      return offset;
    },
    get cursor() {
      return cursor;
    },
    stop() {
      if (timer !== undefined) save();
    },
  };
}

const reaches = (have: LineCounts, needed: LineCounts): boolean =>
  have.history >= needed.history && have.events >= needed.events && have.console >= needed.console;
