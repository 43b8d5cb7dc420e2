import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Outcome } from "#src/events/event.js";
import { countInOrder, readOutcome } from "../support/run-files.js";
import { fixture, runScript } from "../support/run-script.js";

// However a script ends: every scalar is in the file, the run says how it ended, and the process ends as it would
// without tracelet.

/** More than the ring holds (262,144). */
const COUNT = 300_000;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-ending-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const script = fixture("ending.mjs");
const run = (way: string, count: number) => runScript(script, { args: [dir, way, String(count)] });

describe("a script that ends by itself", () => {
  const failed = (exitCode: number, reason?: string): Outcome => ({
    status: "failed",
    exitCode,
    ...(reason && { reason }),
  });
  test.each<[way: string, outcome: Outcome, count?: number]>([
    ["process.exit", { status: "finished", exitCode: 0 }, 1_000_000],
    ["process.exit 7", failed(7)],
    ["exitCode 3", failed(3)],
    ["forgets", { status: "finished", exitCode: 0 }],
    ["uncaught exception", failed(1, "RangeError: the loss exploded")],
    ["unhandled rejection", failed(1, "RangeError: the loss exploded")],
    ["exit in a callback", failed(5)],
    ["exit while flushing", { status: "finished", exitCode: 0 }],
    ["exit while finishing", { status: "finished", exitCode: 0 }],
    ["never settled", failed(13)],
    // Node calls no further listeners then.
    ["exit in an exit listener, set before", failed(4)],
  ])("%s", async (way, outcome, count = COUNT) => {
    const [ended, without] = await Promise.all([run(way, count), run(way, 0)]);
    expect({ code: ended.code, signal: ended.signal }).toEqual({ code: outcome.exitCode, signal: null });
    expect({ code: without.code, signal: without.signal }).toEqual({
      code: ended.code,
      signal: ended.signal,
    });
    expect(ended.stderr).toBe(without.stderr);
    expect(countInOrder(join(dir, "run"))).toBe(count);
    expect(readOutcome(dir)).toEqual(outcome);
  });
});
