import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import type { SyncReport } from "#src/backend/contract.js";
import { readScalars } from "../support/run-files.js";
import { fixture, runScript } from "../support/run-script.js";

// A disk that is full, read-only or gone costs the events of the backend on it, counted and said; the script and the
// other backend go on.

/** 100,000 scalars and the finish event. */
const ALL = 100_001;
let root: string;
let dir: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "tracelet-disk-"));
});
beforeEach(() => {
  dir = join(root, String(count++));
  mkdirSync(dir);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Printed {
  readonly reports: { readonly [backend: string]: SyncReport };
  readonly drops: { readonly [backend: string]: { readonly [reason: string]: number } };
}

async function run(logDir: string, file: string, ...removed: string[]) {
  const ended = await runScript(fixture("disk.mjs"), { args: [logDir, file, ...removed] });
  expect({ code: ended.code, signal: ended.signal }, ended.stderr).toEqual({ code: 0, signal: null });
  expect(ended.stderr.split("\n").filter((line) => line !== "").length).toBe(ended.said.length);
  const { reports, drops } = JSON.parse(ended.stdout) as Printed;
  for (const [name, { synced, pending, dropped }] of Object.entries(reports)) {
    expect(synced + pending + dropped, name).toBe(ALL);
    expect(Object.values(drops[name] ?? {}).reduce((a, b) => a + b, 0)).toBe(dropped);
  }
  return { said: ended.said, tensorboard: reports["tensorboard"]!, jsonl: reports["jsonl"]! };
}

const steps = (logDir: string) => [...readScalars(logDir, "loss")].map(({ step }) => step);
const lines = (file: string) =>
  [...readJsonl(file)].flatMap((event) => (event.kind === "scalar" ? event.step! : []));
const everyStep = Array.from({ length: 100_000 }, (_, step) => step);
const isRising = (values: readonly number[]) => values.every((value, i) => i === 0 || value > values[i - 1]!);

describe("a full disk", () => {
  const disk = join(tmpdir(), `tracelet-small-disk-${process.pid}`);
  const mount = (): string | undefined => {
    try {
      mkdirSync(disk, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], { stdio: "pipe" });
      return undefined;
    } catch (error) {
      rmSync(disk, { recursive: true, force: true });
      return `needs a small disk, and mounting a tmpfs failed: ${(error as Error).message.split("\n").join(" ")}`;
    }
  };
  const withDisk = async (body: () => Promise<void>, skip: (reason: string) => void) => {
    const reason = mount();
    if (reason !== undefined) return skip(reason);
    try {
      await body();
    } finally {
      execFileSync("umount", [disk]);
      rmSync(disk, { recursive: true, force: true });
    }
  };

  test("under the event files", async ({ skip }) => {
    await withDisk(async () => {
      const { said, tensorboard, jsonl } = await run(join(disk, "run"), join(dir, "run.jsonl"));
      expect(said).toHaveLength(2);
      expect(said[0]).toMatch(
        /^tensorboard: \d+ events dropped: Cannot write to \/.*: ENOSPC: no space left on device/,
      );
      expect(said[1]).toMatch(
        /^tensorboard: \d+ of 100001 events were dropped \(\d+: Cannot write to .*ENOSPC/,
      );
      const found = steps(join(disk, "run"));
      expect(found.length).toBeGreaterThan(1_000);
      expect(isRising(found)).toBe(true);
      expect(tensorboard.dropped).toBeGreaterThanOrEqual(100_000 - found.length);
      expect(tensorboard.dropped).toBeLessThanOrEqual(100_001 - found.length);
      expect(jsonl).toMatchObject({ synced: ALL });
      expect(lines(join(dir, "run.jsonl"))).toEqual(everyStep);
    }, skip);
  });

  test("under the JSON lines", async ({ skip }) => {
    await withDisk(async () => {
      const { said, tensorboard, jsonl } = await run(join(dir, "run"), join(disk, "run.jsonl"));
      expect(said).toHaveLength(2);
      expect(said[0]).toMatch(
        /^jsonl: could not write: Cannot write to \/.*: ENOSPC: no space left on device.*; events dropped so far: \d+$/,
      );
      expect(said[1]).toMatch(/^jsonl: \d+ of 100001 events were dropped \(\d+: Cannot write to .*ENOSPC/);
      const found = lines(join(disk, "run.jsonl"));
      expect(found.length).toBeGreaterThan(1_000);
      expect(isRising(found)).toBe(true);
      expect(jsonl.dropped).toBeGreaterThanOrEqual(100_000 - found.length);
      expect(jsonl.dropped).toBeLessThanOrEqual(100_001 - found.length);
      expect(tensorboard).toMatchObject({ synced: ALL });
      expect(steps(join(dir, "run"))).toEqual(everyStep);
    }, skip);
  });

  test("from the first byte on", async () => {
    const { said, jsonl } = await run(join(dir, "run"), "/dev/full");
    expect(said).toEqual([
      expect.stringMatching(/^jsonl: could not start: .*ENOSPC: no space left on device/),
      "jsonl: 100001 of 100001 events were dropped (100001: backend failed to start)",
    ]);
    expect(jsonl).toMatchObject({ synced: 0, dropped: ALL });
    expect(steps(join(dir, "run"))).toEqual(everyStep);
  });
});

// Modes do not stop root, so the folder is one that nobody can make.
describe("a folder that cannot be written", () => {
  test("below a file", async () => {
    writeFileSync(join(dir, "file"), "");
    const { said, tensorboard, jsonl } = await run(join(dir, "file", "run"), join(dir, "file", "run.jsonl"));
    expect(said).toHaveLength(4);
    for (const name of ["tensorboard", "jsonl"]) {
      const own = said.filter((line) => line.startsWith(`${name}: `));
      expect(own).toEqual([
        expect.stringMatching(
          new RegExp(
            `^${name}: could not start: Cannot (create|open) .*${join(dir, "file")}.*(ENOTDIR|EEXIST)`,
          ),
        ),
        `${name}: 100001 of 100001 events were dropped (100001: backend failed to start)`,
      ]);
    }
    expect(tensorboard).toMatchObject({ synced: 0, dropped: ALL });
    expect(jsonl).toMatchObject({ synced: 0, dropped: ALL });
  });

  test("in /proc, beside one that can", async () => {
    const { said } = await run("/proc/tracelet", join(dir, "run.jsonl"));
    expect(said).toEqual([
      expect.stringMatching(
        /^tensorboard: could not start: Cannot create an event file in \/proc\/tracelet: .*Make the folder writable/,
      ),
      "tensorboard: 100001 of 100001 events were dropped (100001: backend failed to start)",
    ]);
    expect(lines(join(dir, "run.jsonl"))).toEqual(everyStep);
  });
});

describe("a folder that is removed during the run", () => {
  test("of event files: said once, and a new file is begun", async () => {
    const logDir = join(dir, "run");
    const { said, jsonl } = await run(logDir, join(dir, "run.jsonl"), logDir);
    expect(said).toEqual([`tensorboard: ${logDir} was removed while it was written; what it held is gone.`]);
    expect(steps(logDir)).toEqual(everyStep.slice(50_000));
    expect(jsonl).toMatchObject({ synced: ALL });
  });

  test("of JSON lines: said once, and a new file is begun", async () => {
    const sub = join(dir, "lines");
    const { said } = await run(join(dir, "run"), join(sub, "run.jsonl"), sub);
    expect(said).toEqual([
      `jsonl: ${join(sub, "run.jsonl")} was removed while it was written; what it held is gone.`,
    ]);
    expect(lines(join(sub, "run.jsonl"))).toEqual(everyStep.slice(50_000));
    expect(steps(join(dir, "run"))).toEqual(everyStep);
  });
});
