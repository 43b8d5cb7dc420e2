import type { LineKind } from "./smaller-request.js";

/** A server that refuses every file of a run is told of by the first ones. */
const MOST_NAMED = 100;

/** What a report says of a log that did not arrive as a whole. */
export interface ShortfallReport {
  /** What did not arrive, and why. */
  readonly problems: readonly string[];
  /** What else there is to tell, such as what was left out. */
  readonly notes: readonly string[];
  /** How much of the log can never be sent: values, lines, alerts, and files that are not there any more. */
  readonly leftOut: number;
  /** Rows that are too large for the server. */
  readonly rowsLeftOut: number;
}

/** What of a log does not arrive: each thing is told when it happens, and all of it at the end. */
export interface Shortfall {
  /** Something that may arrive another time. */
  problem(message: string): void;
  /** Something to tell that keeps no run from having arrived, and how much was left out by it. */
  note(message: string, count?: number): void;
  /** Something that this server will not take. */
  leaveOut(message: string, count?: number): void;
  /** A line that is longer than the server takes. */
  leaveOutLine(kind: LineKind, reason: string): void;
  /** The newest problem. */
  readonly last: () => string | undefined;
  /** To be called once, at the end. */
  report(): ShortfallReport;
}

/**
 * @param options.isLive what can never be sent must not keep a run of a log from having arrived; one that is being written leaves it as
 * a problem, to be told again by the next sync
 * @param options.isOver whether the run was given up: then nothing more is told
 */
export function createShortfall(options: {
  readonly isLive: boolean;
  isOver(): boolean;
  warn(message: string): void;
}): Shortfall {
  const { isLive, isOver, warn } = options;
  const problems = new Set<string>();
  const notes: string[] = [];
  const tooLong = new Map<LineKind, { readonly count: number; readonly first: string }>();
  let untold = 0;
  let leftOut = 0;

  const problem = (message: string): void => {
    if (isOver() || problems.has(message)) return;
    if (problems.size >= MOST_NAMED) {
      untold++;
      return;
    }
    problems.add(message);
    warn(message);
  };
  const note = (message: string, count = 0): void => {
    leftOut += count;
    if (isOver() || notes.length > MOST_NAMED) return;
    if (notes.length === MOST_NAMED) {
      notes.push("and more, which are only counted");
      return;
    }
    notes.push(message);
    warn(message);
  };
  const leaveOut = (message: string, count = 1): void => {
    if (isLive) problem(message);
    else note(message, count);
  };

  return {
    problem,
    note,
    leaveOut,
    leaveOutLine(kind, reason) {
      const { count, first } = tooLong.get(kind) ?? { count: 0, first: reason };
      tooLong.set(kind, { count: count + 1, first });
      if (count === 0) warn(`${kind}: ${reason}; what is left out stays in the log`);
    },
    last: () => [...problems].at(-1),
    report() {
      for (const [kind, { count, first }] of tooLong) {
        const message = `${kind}: ${count} left out, or in part, and kept in the log; the first: ${first}`;
        // The first of them was told when it happened.
        if (isLive) problems.add(message);
        else note(message, count);
      }
      if (untold > 0) problems.add(`${untold} more`);
      const rowsLeftOut = tooLong.get("history")?.count ?? 0;
      return { problems: [...problems], notes, leftOut, rowsLeftOut };
    },
  };
}
