import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countInOrder, readOutcome } from "../support/run-files.js";
import { fixture, runScript } from "../support/run-script.js";

// A signal ends the process as it would without tracelet, and the script's own handlers see the world as without it;
// every scalar is in the file all the same.

/** More than the ring holds (262,144). */
const COUNT = 300_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-signals-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const script = fixture("ending.mjs");
const run = (way: string, signal: NodeJS.Signals, count = COUNT) =>
  runScript(script, {
    args: [dir, way, String(count)],
    onLine: (line, child) => {
      if (line === "ready") child.kill(signal);
    },
  });

describe("a signal", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends the process by itself", async (signal, exitCode) => {
    const ended = await run("signal", signal);
    expect({ code: ended.code, signal: ended.signal, stderr: ended.stderr }).toEqual({
      code: null,
      signal,
      stderr: "",
    });
    expect(countInOrder(join(dir, "run"))).toBe(COUNT);
    expect(readOutcome(dir)).toEqual({ status: "killed", exitCode, reason: signal });
  });

  test.each([
    ["signal with a handler that exits", 9, { status: "failed", exitCode: 9 }],
    ["signal with a handler that goes on", 0, { status: "finished", exitCode: 0 }],
    ["signal with a handler used once", 0, { status: "finished", exitCode: 0 }],
    ["signal with a handler used once, set before", 0, { status: "finished", exitCode: 0 }],
  ])("%s", async (way, code, outcome) => {
    const ended = await run(way, "SIGTERM");
    expect(ended).toMatchObject({ code, signal: null, stderr: "", stdout: "ready\nhandler\n" });
    expect(countInOrder(join(dir, "run"))).toBe(COUNT);
    expect(readOutcome(dir)).toEqual(outcome);
  });

  test("handlers of the script's own run in their order, ours makes no difference", async () => {
    const ended = await run("signal, handlers before and after", "SIGTERM");
    expect(ended).toMatchObject({ code: 0, stderr: "", stdout: "ready\nfirst\nsecond\n" });
    expect(countInOrder(join(dir, "run"))).toBe(COUNT);
  });

  test("a handler that only acts when it is alone is alone", async () => {
    const way = "signal with a polite handler";
    const [ended, without] = await Promise.all([run(way, "SIGTERM"), run(way, "SIGTERM", 0)]);
    expect(ended).toMatchObject({ signal: "SIGTERM", stdout: "ready\nlisteners: 1\n", stderr: "" });
    expect(without).toMatchObject({ signal: "SIGTERM", stdout: "ready\nlisteners: 1\n" });
    expect(countInOrder(join(dir, "run"))).toBe(COUNT);
  });
});
