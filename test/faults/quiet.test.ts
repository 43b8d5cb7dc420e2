import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fixture, runScript } from "../support/run-script.js";

// Nothing of tracelet keeps a process alive or runs on the script's thread by itself. A process that does not end by
// itself is killed by `runScript` after a minute, and then `signal` is set.

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-quiet-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function run(way: string): Promise<unknown> {
  const ended = await runScript(fixture("quiet.mjs"), { args: [dir, way] });
  expect(ended).toMatchObject({ code: 0, signal: null, stderr: "" });
  return ended.stdout === "" ? undefined : JSON.parse(ended.stdout);
}

/** Without what Node itself holds: the pipes of the script's output, and files its module loader is about to close. */
const own = (resources: string[]) =>
  resources.filter((name) => !["PipeWrap", "CloseReq", "FSReqPromise"].includes(name));

test("a script that only imports ends", async () => {
  await run("import");
});

test("a script that starts and returns ends", async () => {
  expect(own((await run("start")) as string[])).toEqual([]);
});

test("an idle worker holds nothing, nor does a flush or ready that was awaited", async () => {
  expect(own((await run("idle")) as string[])).toEqual([]);
});

test("logging starts no timer on the script's thread, during or afterwards", async () => {
  const { whileLogging, afterwards } = (await run("timers")) as Record<
    string,
    { timers: number; resources: string[] }
  >;
  expect(whileLogging).toEqual({ timers: 0, resources: expect.anything() });
  expect(own(whileLogging!.resources)).toEqual([]);
  expect(afterwards!.timers).toBe(0);
  expect(own(afterwards!.resources)).toEqual([]);
});

test("ended runs leave no listeners on the process", async () => {
  const { before, after, resources } = (await run("two")) as {
    before: number[];
    after: number[];
    resources: string[];
  };
  // Node's own listeners only (it has one for `exit` while a module is awaited).
  expect(before.slice(1)).toEqual([0, 0, 0, 0]);
  expect(after).toEqual(before);
  expect(own(resources)).toEqual([]);
});
