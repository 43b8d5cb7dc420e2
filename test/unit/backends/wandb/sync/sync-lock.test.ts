import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lockLog } from "#backends/wandb/sync/sync-lock.js";
import { tempDir } from "../../../../support/temp-dir.js";

const newLog = (): string => join(tempDir(), "run-a.wandb");
const markOf = (log: string) => JSON.parse(readFileSync(`${log}.sending`, "utf8"));
const ELSEWHERE = JSON.stringify({ host: "elsewhere", pid: 1, began: "1" });

/** Whether it is taken at once; nobody waits longer. */
async function isFree(log: string): Promise<boolean> {
  const waiting = new AbortController();
  const unlock = await lockLog(log, { signal: waiting.signal, onWait: () => waiting.abort() });
  unlock?.();
  return unlock !== undefined;
}

test("one at a time, until it is taken off", async () => {
  const log = newLog();
  const unlock = (await lockLog(log))!;
  expect(await isFree(log)).toBe(false);
  const order: string[] = [];
  const next = lockLog(log, { onWait: () => order.push("waits") }).then((own) => {
    order.push("has it");
    own!();
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  order.push("taken off");
  unlock();
  await next;
  expect(order).toEqual(["waits", "taken off", "has it"]);
  expect(existsSync(`${log}.sending`)).toBe(false);
});

test("a mark that a killed process left holds nobody up", async () => {
  const log = newLog();
  const { pid } = spawnSync("true");
  writeFileSync(`${log}.sending`, JSON.stringify({ host: hostname(), pid, began: "1" }));
  expect(await isFree(log)).toBe(true);
  expect(readdirSync(dirname(log))).toEqual([]);
});

test("a mark of another machine counts while it changes, whatever its clock says", async () => {
  for (const clock of [-3_600_000, 0, 3_600_000]) {
    const log = newLog();
    const mark = `${log}.sending`;
    writeFileSync(mark, ELSEWHERE);
    let renewals = 0;
    const renew = (): void => utimesSync(mark, new Date(), new Date(Date.now() + clock + ++renewals));
    renew();
    const renewal = setInterval(renew, 100);
    const began = performance.now();
    const taken = lockLog(log, { staleMs: 700 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(markOf(log).host).toBe("elsewhere");
    clearInterval(renewal);
    const unlock = (await taken)!;
    expect(performance.now() - began).toBeGreaterThan(2_000);
    expect(markOf(log)).toMatchObject({ host: hostname(), pid: process.pid });
    unlock();
  }
});

test("a mark that is not whole was left behind, too", async () => {
  const log = newLog();
  writeFileSync(`${log}.sending`, "");
  (await lockLog(log, { staleMs: 100 }))!();
});

test("whoever was taken for dead does not take off the mark of the next", async () => {
  const log = newLog();
  const unlock = (await lockLog(log))!;
  writeFileSync(`${log}.sending`, ELSEWHERE);
  unlock();
  expect(markOf(log).host).toBe("elsewhere");
});

test("where nothing can be written, there is no mark", async () => {
  (await lockLog(join(tempDir(), "missing", "run-a.wandb")))!();
});
