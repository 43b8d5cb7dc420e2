import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SyncedRun } from "#src/backend/command-line.js";
import { createSyncPage } from "#src/cli/sync-page.js";

beforeEach(() => void vi.stubEnv("TERM", "xterm"));
afterEach(() => void vi.unstubAllEnvs());

/** A page whose texts are kept, on a terminal of this width. */
function openPage(width = 80, options: { readonly json?: boolean; readonly isTTY?: boolean } = {}) {
  const texts = { out: "", err: "" };
  const stream = (name: "out" | "err") =>
    new Writable({
      write(chunk, _encoding, done) {
        texts[name] += String(chunk);
        done();
      },
    });
  const { json = false, isTTY = false } = options;
  const err = Object.assign(stream("err"), { isTTY }) as unknown as NodeJS.WriteStream;
  const page = createSyncPage(
    stream("out"),
    err,
    { width, colors: false, ascii: true },
    { json, watch: false },
  );
  return { texts, page };
}

const ended = (id: string, more: Partial<SyncedRun>): SyncedRun => ({
  ...{ journal: `${process.cwd()}/wandb/run-${id}.wandb`, state: "synced", rows: 0, files: 0, bytes: 0 },
  ...{ totalBytes: 100, problems: [], leftOut: 0, warnings: [], ...more },
});

describe("the bar", () => {
  const bars = (text: string) => text.split("\r\u001b[K").filter((piece) => /^[#.]/.test(piece));
  const found = { rows: 0, files: 0, bytes: 0, totalBytes: 100 };

  test("is of all runs that were found, not of those under way", () => {
    const { texts, page } = openPage(80, { isTTY: true });
    for (const id of ["a", "b", "c", "d"]) page.progress(ended(id, {}).journal, found);
    page.ended(ended("a", { rows: 10, files: 2, bytes: 100 }));
    page.ended(ended("b", { rows: 10, files: 2, bytes: 100 }));
    expect(bars(texts.err.replace(/\n/g, "")).at(-1)).toBe(
      "##########.........  50 %  2 of 4 runs  20 rows  4 files  200 B",
    );
  });

  test("leaves room for what the terminal shows of a Ctrl-C, and no fact is cut", () => {
    for (const width of [40, 60, 80, 200]) {
      const { texts, page } = openPage(width, { isTTY: true });
      page.progress("a", { rows: 123_456, files: 78, bytes: 50, totalBytes: 100 });
      page.progress("b", { ...found, rows: 5 });
      page.note("something");
      const lines = bars(texts.err);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(width - 3);
        expect(line).toMatch(
          /^[#.]+ +\d+ %( {2}1 run| {2}\d+ of \d+ runs)?( {2}\d+ rows)?( {2}\d+ files)?( {2}\d+ B)?\n?$/,
        );
      }
    }
  });
});

describe("the lines", () => {
  test("of runs that fail for one reason name the first five, and count the others", () => {
    const { texts, page } = openPage();
    for (let id = 0; id < 9; id++) page.ended(ended(`r${id}`, { state: "failed", problems: ["stopped"] }));
    page.ended(ended("other", { state: "failed", problems: ["it is damaged"] }));
    expect(page.close()).toBe(1);
    const lines = texts.err.trimEnd().split("\n");
    expect(lines.filter((line) => /^failed {3}wandb\/run-r\d\.wandb: stopped$/.test(line))).toHaveLength(5);
    expect(lines.slice(5)).toEqual([
      "failed   wandb/run-other.wandb: it is damaged",
      "failed   4 more: stopped",
      "10 failed",
      "what did not arrive is kept; the same command sends the rest",
    ]);
  });

  test("say what was left out, with the first warnings, and that is no failure", () => {
    const { texts, page } = openPage();
    const warnings = Array.from({ length: 7 }, (_, file) => `${file}.bin is left out`);
    page.ended(ended("a", { url: "http://x/a", leftOut: 7, warnings, rows: 3, files: 1, bytes: 100 }));
    expect(page.close()).toBe(0);
    expect(texts.out).toBe("synced   http://x/a  3 rows, 1 file, 100 B, 7 left out\n");
    const lines = texts.err.trimEnd().split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[0]).toBe("warning  wandb/run-a.wandb: 0.bin is left out");
    expect(lines[5]).toBe("warning  wandb/run-a.wandb: 2 more (see --json)");
  });

  test("say what it cannot go on with, and not that there is nothing", () => {
    const { texts, page } = openPage();
    expect(page.close("no API key\u001b[31m")).toBe(1);
    expect(texts.err).toBe("tracelet: no API key\n");
    const none = openPage();
    expect(none.page.close()).toBe(0);
    expect(none.texts.err).toBe("nothing to sync\n");
  });

  test("for programs are one object a run, whatever became of it", () => {
    const { texts, page } = openPage(80, { json: true });
    for (let id = 0; id < 7; id++) page.ended(ended(`r${id}`, { state: "failed", problems: ["stopped"] }));
    page.ended(ended("s", { leftOut: 1, warnings: ["x is left out"] }));
    expect(page.close()).toBe(1);
    const objects = texts.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as SyncedRun);
    expect(objects.map(({ state }) => state)).toEqual([...Array(7).fill("failed"), "synced"]);
    expect(objects[7]).toMatchObject({ leftOut: 1, warnings: ["x is left out"] });
  });
});
