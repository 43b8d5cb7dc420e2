import { relative } from "node:path";
import type { SentSoFar, SyncedRun, SyncListener } from "../backend/command-line.js";
import { formatBytes } from "../backend/format-bytes.js";
import { plural } from "./format.js";
import { clean, type Page, shorten } from "./page.js";

const BAR_WIDTH = 20;
/** The bar is drawn at most so often. */
const DRAW_MS = 100;

const WORDS = { synced: "synced", failed: "failed", skipped: "skipped", found: "would send" } as const;

/** What `tracelet sync` shows: a line for each run, and on a terminal a bar below them. */
export interface SyncPage extends SyncListener {
  /** Says how many there were; resolves the exit code: 1 when one failed. */
  close(): number;
}

/**
 * @param out lines and JSON objects of runs
 * @param err the bar, notes, and the last line
 */
export function createSyncPage(
  out: NodeJS.WritableStream,
  err: NodeJS.WriteStream,
  page: Page,
  { json, watch }: { readonly json: boolean; readonly watch: boolean },
): SyncPage {
  const underWay = new Map<string, SentSoFar>();
  const counts = { synced: 0, failed: 0, skipped: 0, found: 0 };
  /** Of runs left alone for one reason the first is named, and the others are counted. */
  const skipped = new Map<string, number>();
  const total = { rows: 0, files: 0, bytes: 0 };
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
    const all = [...underWay.values()];
    const sum = (of: "rows" | "files" | "bytes" | "totalBytes") => all.reduce((n, each) => n + each[of], 0);
    const share = sum("totalBytes") === 0 ? 0 : Math.min(1, sum("bytes") / sum("totalBytes"));
    const filled = Math.round(share * BAR_WIDTH);
    const [full, rest] = page.ascii ? ["#", "."] : ["█", "░"];
    const facts = [
      `${Math.floor(share * 100)} %`.padStart(5),
      plural(underWay.size, "run"),
      plural(total.rows + sum("rows"), "row"),
      plural(total.files + sum("files"), "file"),
      formatBytes(total.bytes + sum("bytes")),
    ];
    // The last column stays free: some terminals begin a new line behind it.
    const bar = full.repeat(filled) + rest.repeat(BAR_WIDTH - filled);
    wipe();
    err.write(shorten(page, `${bar} ${facts.join("  ")}`, page.width - 1));
    isDrawn = true;
  };
  const print = (stream: NodeJS.WritableStream, line: string): void => {
    wipe();
    stream.write(`${line}\n`);
    draw();
  };

  return {
    progress(journal, sent) {
      underWay.set(journal, sent);
      draw();
    },
    ended(run) {
      underWay.delete(run.journal);
      counts[run.state]++;
      total.rows += run.rows;
      total.files += run.files;
      total.bytes += run.bytes;
      if (json) {
        const masked = JSON.stringify(run, (_key, value: unknown) =>
          typeof value === "string" ? clean(value) : value,
        );
        return print(out, masked);
      }
      const reason = run.state === "skipped" ? run.problems.join("; ") : undefined;
      if (reason !== undefined) {
        const before = skipped.get(reason) ?? 0;
        skipped.set(reason, before + 1);
        if (before > 0) return;
      }
      print(run.state === "failed" ? err : out, describe(run));
    },
    note: (line) => print(err, clean(line)),
    close() {
      underWay.clear();
      wipe();
      for (const [reason, count] of skipped)
        if (!json && count > 1) print(out, `skipped  ${count - 1} more: ${reason}`);
      const said = Object.entries(counts).filter(([, count]) => count > 0);
      const seen = said.map(([state, count]) => `${count} ${WORDS[state as keyof typeof WORDS]}`).join(", ");
      if (said.length === 0 && !watch) print(err, "nothing to sync");
      else if (counts.synced + counts.failed + counts.skipped > 1) print(err, seen);
      if (counts.failed > 0) print(err, "what did not arrive is kept; the same command sends the rest");
      return counts.failed > 0 ? 1 : 0;
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
    return `${word} ${clean(run.url ?? path)}  ${facts.join(", ")}`;
  }
  return [`${word} ${path}: ${problem}`, ...others.map((other) => `         ${other}`)].join("\n");
}
