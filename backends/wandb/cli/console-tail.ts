import type { OutputRecord } from "../records/record.js";

/** Lines that are kept. */
const MOST_LINES = 200;
/** A line that never ends is cut here. */
const LONGEST_LINE = 4096;

/** The end of what a run has printed. */
export interface ConsoleTail {
  add(record: OutputRecord): void;
  /** The last lines, the unfinished ones included. */
  lines(): readonly string[];
  /** How many lines there were. */
  count(): number;
}

/** Collects console records, which hold pieces of text as they were written; each stream has a line of its own. */
export function createConsoleTail(): ConsoleTail {
  const open = new Map<string, string>();
  let kept: string[] = [];
  let count = 0;

  return {
    add({ outputType = "STDERR", line = "" }) {
      const pieces = line.split("\n");
      let current = open.get(outputType) ?? "";
      for (const [index, piece] of pieces.entries()) {
        current = (current + piece).slice(0, LONGEST_LINE);
        if (index === pieces.length - 1) break;
        kept.push(current);
        count++;
        current = "";
      }
      open.set(outputType, current);
      if (kept.length > 2 * MOST_LINES) kept = kept.slice(-MOST_LINES);
    },
    lines: () => [...kept, ...unfinished(open)].map(lastState).slice(-MOST_LINES),
    count: () => count + unfinished(open).length,
  };
}

const unfinished = (open: ReadonlyMap<string, string>): string[] =>
  [...open.values()].filter((line) => line !== "");

/** What is seen of a line that was painted over by carriage returns. */
function lastState(line: string): string {
  return line.split("\r").findLast((state) => state !== "") ?? "";
}
