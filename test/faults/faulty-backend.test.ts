import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SyncReport } from "#src/backend/contract.js";
import { countInOrder, readOutcome } from "../support/run-files.js";
import { type Ended, fixture, runScript, type ScriptOptions } from "../support/run-script.js";

// A backend that misbehaves harms nobody: the script ends normally and in time, the other backends have everything, what
// is lost is counted, and stderr says it in a line when it happens and one in the end.

let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tracelet-faulty-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Printed {
  readonly reports: { readonly [backend: string]: SyncReport };
  readonly drops: { readonly [reason: string]: number };
  readonly faultyState: string;
  readonly late: { readonly [reason: string]: number };
}

interface Run extends Ended {
  readonly dir: string;
  /** What it said, with a short name for the backend. */
  readonly lines: readonly string[];
}

async function runBeside(
  fault: string,
  ending: string,
  { nodeArgs = [], env = {} }: Pick<ScriptOptions, "nodeArgs" | "env"> = {},
): Promise<Run> {
  const dir = join(root, String(count++));
  mkdirSync(dir);
  const ended = await runScript(fixture("beside-faulty.mjs"), {
    args: [dir, ending],
    env: { FAULT: fault, ...env },
    nodeArgs,
  });
  expect({ code: ended.code, signal: ended.signal }, ended.stderr).toEqual({ code: 0, signal: null });
  // Nothing but our own lines.
  expect(ended.stderr.split("\n").filter((line) => line !== "").length).toBe(ended.said.length);
  const lines = ended.said.map((line) => line.replace(/^\S*faulty-backend\.mjs: /, "faulty: "));
  return { ...ended, dir, lines };
}

/** As `runBeside`, of an ending that prints what it was told. */
async function run(
  fault: string,
  ending = "stopLogging",
  options: Pick<ScriptOptions, "nodeArgs" | "env"> = {},
): Promise<Run & { readonly printed: Printed }> {
  const ended = await runBeside(fault, ending, options);
  return { ...ended, printed: JSON.parse(ended.stdout) as Printed };
}

/** 20,000 scalars and the finish event. */
const ALL = 20_001;
/** 700,000 scalars and the finish event. */
const BURST = 700_001;
const total = ({ synced, pending, dropped }: SyncReport) => synced + pending + dropped;
const sum = (counts: { readonly [reason: string]: number }) =>
  Object.values(counts).reduce((a, b) => a + b, 0);

function expectOthersComplete({ dir, printed }: { readonly dir: string; readonly printed: Printed }): void {
  expect(countInOrder(join(dir, "run"))).toBe(20_000);
  expect(readOutcome(dir)).toEqual({ status: "finished", exitCode: 0 });
  for (const name of ["tensorboard", "jsonl"]) {
    expect(printed.reports[name]).toMatchObject({ synced: ALL, pending: 0, dropped: 0 });
  }
}

describe("a backend that fails", () => {
  const START = "faulty: could not start: broken on purpose";
  const WRITE = /^faulty: could not write: broken on purpose; events dropped so far: \d+$/;
  const NONE = "faulty: 20001 of 20001 events were dropped (20001: backend failed to start)";
  const LOST = "faulty: 20001 of 20001 events were dropped (20001: broken on purpose)";
  test.each([
    ["import throws", [START, NONE], 0],
    ["create throws", [START, NONE], 0],
    ["open throws", [START, NONE], 0],
    ["open rejects", [START, NONE], 0],
    ["write throws", [WRITE, LOST], 0],
    ["write rejects", [WRITE, LOST], 0],
    ["write rejects with a string", [WRITE, LOST], 0],
    ["write rejects with nothing", [/could not write: undefined;/, /20001 of 20001 events were dropped/], 0],
    [
      "write rejects with an object without a prototype",
      [/could not write: something that is no error was thrown;/, /20001 of 20001 events were dropped/],
      0,
    ],
    [
      "write rejects once",
      [WRITE, /^faulty: \d+ of 20001 events were dropped \(\d+: broken on purpose\)$/],
      "some",
    ],
    ["flush throws", ["faulty: could not flush: broken on purpose"], ALL],
    ["flush rejects", ["faulty: could not flush: broken on purpose"], ALL],
    [
      "close throws",
      ["faulty: could not close: broken on purpose; 20001 of 20001 events are not confirmed"],
      0,
    ],
    [
      "close rejects",
      ["faulty: could not close: broken on purpose; 20001 of 20001 events are not confirmed"],
      0,
    ],
    ["close gives an odd report", [], ALL],
    ["open throws later", ["an error in the logging worker, outside of any call: broken on purpose"], ALL],
    ["write throws later", ["an error in the logging worker, outside of any call: broken on purpose"], ALL],
    ["write rejects later", ["an error in the logging worker, outside of any call: broken on purpose"], ALL],
    [
      "write exits the worker",
      [
        /^faulty: could not write: a backend called process\.exit\(1\), which would end/,
        /20001 of 20001 events were dropped/,
      ],
      0,
    ],
  ] as const)("%s", async (fault, lines, synced) => {
    const ended = await run(fault);
    expectOthersComplete(ended);
    expect(ended.lines).toHaveLength(lines.length);
    for (const [i, line] of lines.entries()) expect(ended.lines[i]).toMatch(line);
    const report = ended.printed.reports["faulty"]!;
    expect(total(report)).toBe(ALL);
    expect(sum(ended.printed.drops)).toBe(report.dropped);
    if (synced === "some") {
      expect(report.synced).toBeGreaterThan(0);
      expect(report.dropped).toBeGreaterThan(0);
    } else expect(report.synced).toBe(synced);
  });

  test("says odd things: taken as text, its counts made to fit", async () => {
    const ended = await run("open says odd things");
    expectOthersComplete(ended);
    const report = ended.printed.reports["faulty"]!;
    expect(report.location).toBe("https://example.org/");
    expect(total(report)).toBe(ALL);
  });

  test("fails for a new reason at each write: neither lines nor reasons grow without end", async () => {
    const ended = await run("write throws something new each time", "burst");
    // 20 different reasons, and one line at the end.
    expect(ended.lines.length).toBeLessThanOrEqual(21);
    expect(Object.keys(ended.printed.drops).length).toBeLessThanOrEqual(21);
    const report = ended.printed.reports["faulty"]!;
    expect(report).toMatchObject({ synced: 0, pending: 0, dropped: BURST });
    expect(sum(ended.printed.drops)).toBe(BURST);
  });
});

describe.concurrent("a backend that hangs", () => {
  test.each([
    [
      "open",
      [
        /^faulty: did not flush within 1500 ms$/,
        /^faulty: did not start within 1500 ms and was left behind; 20001 of 20001 events were dropped \(20001: not written before the deadline\)$/,
      ],
    ],
    [
      "write",
      [
        /^faulty: did not flush within 1500 ms$/,
        /^faulty: did not close within 1500 ms and was left behind; \d+ of 20001 events are not confirmed; \d+ of 20001 events were dropped \(\d+: not written before the deadline\)$/,
      ],
    ],
    [
      "flush",
      [
        /^faulty: did not flush within 1500 ms$/,
        /^faulty: did not close within 1500 ms and was left behind; 10000 of 20001 events are not confirmed; 10001 of 20001 events were dropped/,
      ],
    ],
    [
      "close",
      [/^faulty: did not close within 1500 ms and was left behind; 20001 of 20001 events are not confirmed$/],
    ],
  ] as const)("in %s", async (at, lines) => {
    const ended = await run(`${at} hangs`);
    expect(ended.lines).toHaveLength(lines.length);
    for (const [i, line] of lines.entries()) expect(ended.lines[i]).toMatch(line);
    const { reports } = ended.printed;
    expect(total(reports["faulty"]!)).toBe(ALL);
    expect(reports["faulty"]!.synced).toBe(0);
    expectOthersComplete(ended);
  });

  test.each(["open", "write"])("in %s, while more is logged than memory holds", async (at) => {
    // So much is not written in the 1.5 s of the others when the machine is busy.
    const ended = await run(`${at} hangs`, "burst", { env: { DEADLINE_MS: "4000" } });
    expect(ended.lines).toHaveLength(2);
    expect(ended.lines[0]).toBe("faulty: has not answered for 1 s; its events are dropped until it does");
    expect(ended.lines[1]).toMatch(
      new RegExp(
        `^faulty: did not ${at === "open" ? "start" : "close"} within 4000 ms and was left behind; `,
      ),
    );
    const report = ended.printed.reports["faulty"]!;
    expect(total(report)).toBe(BURST);
    expect(report.synced).toBe(0);
    expect(countInOrder(join(ended.dir, "run"))).toBe(BURST - 1);
  });

  test("in open: awaiting ready does not outlast the run", async () => {
    const ended = await run("open hangs", "ready");
    expect(ended.printed.faultyState).toBe("failed");
  });
});

describe.concurrent("a backend that takes the worker with it", () => {
  /** The worker is gone, so the others have what was written until then, in order. */
  const expectPrefix = ({ dir }: Run) =>
    expect(countInOrder(join(dir, "run"))).toBeGreaterThanOrEqual(10_000);
  const GONE = "; what it had not written is lost, and what is logged from now on is dropped";

  test("loops in write", async () => {
    const ended = await run("write-after-flush loops");
    expect(ended.lines).toEqual([`the logging worker does not answer${GONE}`]);
    expectPrefix(ended);
    for (const report of Object.values(ended.printed.reports)) {
      expect(report).toEqual({ synced: 0, pending: 20_000, dropped: 0 });
    }
    expect(Object.keys(ended.printed.reports).sort()).toEqual(["faulty", "jsonl", "tensorboard"]);
  });

  test("loops in close, and the script forgets to stop", async () => {
    const ended = await runBeside("close loops", "forget");
    expect(ended.lines).toEqual([`the logging worker does not answer${GONE}`]);
    expect(countInOrder(join(ended.dir, "run"))).toBe(10_000);
  });

  test("uses up the memory", async () => {
    const ended = await run("write-after-flush uses up the memory", "stopLogging", {
      nodeArgs: ["--max-old-space-size=48"],
    });
    expect(ended.lines).toHaveLength(1);
    expect(ended.lines[0]).toMatch(/^the logging worker failed: .*memory.*; what it had not written is lost/);
    expectPrefix(ended);
  });

  test("uses up the memory while the script waits for ready and nothing else", async () => {
    const ended = await runBeside("open uses up the memory", "only ready", {
      nodeArgs: ["--max-old-space-size=48"],
    });
    expect(ended.stdout).toBe("went on\n");
    expect(ended.lines).toHaveLength(1);
  });
});
