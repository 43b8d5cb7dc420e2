import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { SyncReport } from "#src/backend/contract.js";
import { fixture, runScript } from "../support/run-script.js";
import { historyValues, logFile, readLog } from "../support/wandb-log.js";

// A disk that is full or gone costs rows of the run on it, counted and said; the script goes on and its log stays whole.

let root: string;
let dir: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tracelet-wandb-disk-"));
});
beforeEach(() => {
  dir = join(root, String(count++));
  mkdirSync(dir);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Printed {
  readonly reports: { readonly wandb: SyncReport };
  readonly drops: { readonly wandb?: { readonly [reason: string]: number } };
}

async function run(place: string, removed?: string) {
  const ended = await runScript(fixture("wandb-disk.mjs"), {
    args: [place, ...(removed === undefined ? [] : [removed])],
    env: { WANDB_DATA_DIR: join(dir, "data"), TMPDIR: dir },
  });
  expect({ code: ended.code, signal: ended.signal }, ended.stderr).toEqual({ code: 0, signal: null });
  const { reports, drops } = JSON.parse(ended.stdout) as Printed;
  const { synced, pending, dropped } = reports.wandb;
  expect(synced).toBe(0);
  // The rows, the end of the run, and what is known of the machine.
  expect(pending + dropped).toBeGreaterThanOrEqual(100_001);
  expect(pending + dropped).toBeLessThanOrEqual(100_002);
  expect(Object.values(drops.wandb ?? {}).reduce((a, b) => a + b, 0)).toBe(dropped);
  return { said: ended.said, pending, dropped };
}

function rows(place: string): number[] {
  const { records, end } = readLog(logFile(place));
  expect(end.reason).toBe("end");
  expect(records.slice(0, 2).map((record) => Object.keys(record)[1])).toEqual(["header", "run"]);
  return historyValues(records, "loss");
}

test("a full disk: what was kept is whole and in order, the rest is counted and said", async ({ skip }) => {
  const disk = join(root, "small");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "pipe" });
  } catch {
    skip("needs a small disk, and mounting a tmpfs failed");
  }
  try {
    const { said, pending, dropped } = await run(disk);
    const found = rows(disk);
    expect(found.every((value, index) => index === 0 || value > found[index - 1]!)).toBe(true);
    expect(found.length).toBeGreaterThan(0);
    expect(Math.abs(found.length - pending)).toBeLessThanOrEqual(2);
    expect(dropped).toBeGreaterThan(50_000);
    expect(said[0]).toMatch(/^wandb: could not write: Cannot write .*ENOSPC: no space left on device/);
    expect(said.at(-1)).toMatch(/of 10000[12] events were dropped/);
  } finally {
    execFileSync("umount", [disk]);
  }
});

test("a place that cannot be written: the run goes to the folder for temporary files", async () => {
  const { pending } = await run("/proc/tracelet");
  expect(pending).toBeGreaterThan(100_000);
  expect(rows(dir)).toHaveLength(100_000);
});

test("a folder that is removed during the run: said once, and a new log is begun", async () => {
  const { said } = await run(dir, join(dir, "wandb"));
  expect(said.filter((line) => line.includes("was removed while it was written"))).toHaveLength(1);
  expect(rows(dir)).toEqual(Array.from({ length: 50_000 }, (_, index) => 50_000 + index));
});
