import { relative } from "node:path";
import type { SentSoFar, SyncedRun, SyncListener } from "../backend/command-line.js";
import { formatBytes } from "../backend/format-bytes.js";
import { plural } from "./format.js";
import { clean, type Page } from "./page.js";

/** Of a narrow terminal the bar takes a quarter. */
const WIDEST_BAR = 20;
/** The bar is drawn at most so often. */
const DRAW_MS = 100;
/** Columns that stay free behind the bar: some terminals begin a new line there, and a Ctrl-C is shown. */
const MARGIN = 3;
/** Of runs left alone for one reason the first is named, of runs that failed for one these; the others are counted. */
const MOST_NAMED = { skipped: 1, failed: 5 } as const;
/** What is worth knowing of one run. */
const MOST_WARNINGS = 5;

const WORDS = { synced: "synced", failed: "failed", skipped: "skipped", found: "would send" } as const;
/** Behind their number. */
const COUNTED = { ...WORDS, found: "would be sent" } as const;

/** What `tracelet sync` shows: a line for each run, and on a terminal a bar below them. */
export interface SyncPage extends SyncListener {
  /**
   * Says how many there were; resolves the exit code: 1 when one failed.
   *
   * @param problem why it could not go on
   */
  close(problem?: string): number;
}

/**
 * @param out lines and JSON objects of runs
 * @param err the bar, notes, warnings, and the last line
 */
export function createSyncPage(
  out: NodeJS.WritableStream,
  err: NodeJS.WriteStream,
  page: Page,
  { json, watch }: { readonly json: boolean; readonly watch: boolean },
): SyncPage {
  /** Found and not ended. */
  const underWay = new Map<string, SentSoFar>();
  const counts = { synced: 0, failed: 0, skipped: 0, found: 0 };
  /** How often the same was said. */
  const said = { skipped: new Map<string, number>(), failed: new Map<string, number>() };
  const total = { rows: 0, files: 0, bytes: 0, journals: 0, of: 0 };
  const hasBar = err.isTTY === true && !json && process.env["TERM"] !== "dumb";
  let isDrawn = false;
  let drawnAt = 0;

  const wipe = (): void => {
    if (isDrawn) err.write("\r\u001b[K");
    isDrawn = false;
  };
  const draw = (): void => {
    if (!hasBar || underWay.size === 0 || Date.now() - drawnAt < DRAW_MS) return;
    drawnAt = Date.now();
    wipe();
    err.write(bar([...underWay.values()]));
    isDrawn = true;
  };
  const bar = (all: readonly SentSoFar[]): string => {
    const sum = (of: "rows" | "files" | "bytes" | "totalBytes") => all.reduce((n, each) => n + each[of], 0);
    // Of what is there, not of what is under way: many small runs would fill the bar many times.
    const whole = total.of + sum("totalBytes");
    const share = whole === 0 ? 0 : Math.min(1, (total.of + sum("bytes")) / whole);
    const room = page.width - MARGIN;
    const width = Math.min(WIDEST_BAR, Math.floor(room / 4));
    const filled = Math.round(share * width);
    const [full, rest] = page.ascii ? ["#", "."] : ["█", "░"];
    const runs = total.journals + all.length;
    const facts = [
      runs === 1 ? "1 run" : `${total.journals} of ${runs} runs`,
      plural(total.rows + sum("rows"), "row"),
      plural(total.files + sum("files"), "file"),
      formatBytes(total.bytes + sum("bytes")),
    ];
    let line = `${full.repeat(filled)}${rest.repeat(width - filled)} ${`${Math.floor(share * 100)} %`.padStart(5)}`;
    for (const fact of facts) {
      if (line.length + 2 + fact.length > room) break;
      line += `  ${fact}`;
    }
    return line;
  };
  const print = (stream: NodeJS.WritableStream, line: string): void => {
    wipe();
    stream.write(`${line}\n`);
    drawnAt = 0;
    draw();
  };
  /** Whether a run is named that was not sent, or counted, because so many were named for its reason. */
  const isNamed = (state: "skipped" | "failed", reason: string): boolean => {
    const times = said[state].get(reason) ?? 0;
    said[state].set(reason, times + 1);
    return times < MOST_NAMED[state];
  };

  return {
    progress(journal, sent) {
      underWay.set(journal, sent);
      draw();
    },
    ended(run) {
      const { state, problems } = run;
      if (underWay.delete(run.journal)) {
        total.journals++;
        total.of += run.totalBytes;
      }
      counts[state]++;
      total.rows += run.rows;
      total.files += run.files;
      total.bytes += run.bytes;
      if (json) {
        const masked = JSON.stringify(run, (_key, value: unknown) =>
          typeof value === "string" ? clean(value) : value,
        );
        return print(out, masked);
      }
      if ((state === "skipped" || state === "failed") && !isNamed(state, problems.join("; "))) return draw();
      print(state === "failed" ? err : out, describe(run));
      for (const warning of warningsOf(run)) print(err, warning);
    },
    note: (line) => print(err, clean(line)),
    close(problem) {
      underWay.clear();
      wipe();
      for (const state of ["skipped", "failed"] as const) {
        for (const [reason, count] of said[state]) {
          const more = count - MOST_NAMED[state];
          if (more > 0)
            print(state === "failed" ? err : out, `${WORDS[state].padEnd(8)} ${more} more: ${clean(reason)}`);
        }
      }
      const seen = Object.entries(counts).filter(([, count]) => count > 0);
      const words = seen
        .map(([state, count]) => `${count} ${COUNTED[state as keyof typeof COUNTED]}`)
        .join(", ");
      if (seen.length === 0 && !watch && problem === undefined) print(err, "nothing to sync");
      else if (seen.reduce((sum, [, count]) => sum + count, 0) > 1) print(err, words);
      if (problem !== undefined) print(err, `tracelet: ${clean(problem)}`);
      else if (counts.failed > 0) print(err, "what did not arrive is kept; the same command sends the rest");
      return counts.failed > 0 || problem !== undefined ? 1 : 0;
    },
  };
}

/** One line for a run, and one more for each further problem. */
function describe(run: SyncedRun): string {
  const path = clean(relative("", run.journal));
  const word = WORDS[run.state].padEnd(8);
  const [problem, ...others] = run.problems.map(clean);
  if (run.state === "found")
    return `${word} ${path}  ${formatBytes(run.totalBytes)}  ${clean(run.run ?? "")}`;
  if (run.state === "synced") {
    const facts = [plural(run.rows, "row"), plural(run.files, "file"), formatBytes(run.bytes)];
    if (run.leftOut > 0) facts.push(`${run.leftOut} left out`);
    return `${word} ${clean(run.url ?? path)}  ${facts.join(", ")}`;
  }
  return [`${word} ${path}: ${problem}`, ...others.map((other) => `         ${other}`)].join("\n");
}

function warningsOf({ warnings, journal }: SyncedRun): string[] {
  const path = clean(relative("", journal));
  const more = warnings.length - MOST_WARNINGS;
  return [
    ...warnings.slice(0, MOST_WARNINGS).map((warning) => `warning  ${path}: ${clean(warning)}`),
    ...(more > 0 ? [`warning  ${path}: ${more} more (see --json)`] : []),
  ];
}
