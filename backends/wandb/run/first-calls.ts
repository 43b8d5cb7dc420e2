import type { Event, EventKind, ScalarColumns } from "../../../src/events/event.js";
import { copyScalars } from "../../../src/events/scalar-columns.js";

/** Kinds that a log can be written from twice: they are small, and leave no files. */
const TWICE: ReadonlySet<EventKind> = new Set([
  "scalar",
  "row",
  "params",
  "hparams",
  "summary",
  "tags",
  "console",
  "system",
]);
/** How much of them is kept before the next ones wait where they come from. */
const MOST_BYTES = 4 << 20;
const EVENT_BYTES = 256;
const SCALAR_BYTES = 32;

/**
 * What is logged to a run that goes on with another one before the server has said where: with which step, and after how
 * many seconds. Its log begins at once, with steps from 0, and is written anew with the right ones from what is kept here when
 * the answer is there. A process that is killed in between leaves the first log, in which only the steps are not right.
 * Pictures, files and the like are written once, then.
 */
export interface FirstCalls<Target> {
  keep(call: (target: Target) => void): void;
  /** Keeps events; returns whether no more should come. */
  keepEvents(events: readonly Event[], give: (target: Target, events: readonly Event[]) => void): boolean;
  /** As `keepEvents`; the columns are copied. */
  keepScalars(columns: ScalarColumns, give: (target: Target, columns: ScalarColumns) => void): boolean;
  /** Makes all calls, in their order. */
  repeat(target: Target): void;
  /** Events among them that are in no log yet. */
  readonly unwritten: () => number;
}

export function createFirstCalls<Target>(): FirstCalls<Target> {
  const calls: ((target: Target) => void)[] = [];
  let bytes = 0;
  let unwritten = 0;
  return {
    keep: (call) => void calls.push(call),
    keepEvents(events, give) {
      calls.push((target) => give(target, events));
      for (const event of events) {
        // What the script started with comes by itself; it does not hold back what follows.
        bytes += isWrittenTwice(event) || event.kind === "environment" ? EVENT_BYTES : MOST_BYTES;
        if (!isWrittenTwice(event)) unwritten++;
      }
      return bytes >= MOST_BYTES;
    },
    keepScalars(columns, give) {
      const own = copyScalars(columns);
      calls.push((target) => give(target, own));
      bytes += own.length * SCALAR_BYTES;
      return bytes >= MOST_BYTES;
    },
    repeat(target) {
      for (const call of calls) call(target);
    },
    unwritten: () => unwritten,
  };
}

export const isWrittenTwice = ({ kind }: Event): boolean => TWICE.has(kind);
