import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockLog } from "#backends/wandb/sync/sync-lock.js";
import { tempDir } from "../../../../support/temp-dir.js";

test("one at a time, until it is taken off", () => {
  const log = join(tempDir(), "run-a.wandb");
  const unlock = lockLog(log)!;
  expect(unlock).toBeDefined();
  expect(lockLog(log)).toBeUndefined();
  unlock();
  expect(existsSync(`${log}.sending`)).toBe(false);
  lockLog(log)!();
});

test("a mark that a killed process left holds nobody up", () => {
  const log = join(tempDir(), "run-a.wandb");
  const { pid } = spawnSync("true");
  writeFileSync(`${log}.sending`, JSON.stringify({ host: hostname(), pid, began: "1" }));
  lockLog(log)!();
});

test("a mark of another machine counts while it is renewed", () => {
  const log = join(tempDir(), "run-a.wandb");
  writeFileSync(`${log}.sending`, JSON.stringify({ host: "elsewhere", pid: 1, began: "1" }));
  expect(lockLog(log)).toBeUndefined();
  utimesSync(`${log}.sending`, new Date(), new Date(Date.now() - 60_000));
  const unlock = lockLog(log)!;
  expect(JSON.parse(readFileSync(`${log}.sending`, "utf8"))).toMatchObject({ pid: process.pid });
  unlock();
});

test("where nothing can be written, there is no mark", () => {
  lockLog(join(tempDir(), "missing", "run-a.wandb"))!();
});
