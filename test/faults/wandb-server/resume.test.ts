import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import type { SyncReport } from "#src/backend/contract.js";
import { fixture, runScript } from "../../support/run-script.js";
import { normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { type Place, runFolder, sendLog } from "./online-run.js";
import { scene } from "./scene.js";

// A run that goes on waits for the server to say with which step. What is logged meanwhile is in its log at once.

async function goOn(
  place: Place,
  part: string,
  env: { readonly [name: string]: string } = {},
  kills = false,
) {
  const dir = join(place.dir, part);
  const ended = await runScript(fixture("wandb-resume.mjs"), {
    env: { ...place.env, WANDB_DIR: dir, PART: part, ...env },
    cwd: place.dir,
    onErrorLine: (line, child) => {
      if (!kills || line !== "moment logged") return;
      const timer = setInterval(() => {
        if (child.exitCode === null && rowsInLog(dir) < 100) return;
        clearInterval(timer);
        child.kill("SIGKILL");
      }, 20);
    },
  });
  const said = /^result (.*)$/m.exec(ended.stderr)?.[1];
  return {
    ended,
    place: { ...place, dir },
    report: said === undefined ? undefined : (JSON.parse(said) as SyncReport),
  };
}

/** Rows in the log of the only run below a folder; 0 while there is none. */
function rowsInLog(dir: string): number {
  try {
    const path = join(runFolder({ dir, env: {} }), "run-again.wandb");
    return [...readTransactionLog(path)].filter(({ record }) => record.history !== undefined).length;
  } catch {
    return 0;
  }
}

const rowsOf = async (server: WandbServer) =>
  normalise(await server.snapshot("tester", "faults", "again"))["history"] as {
    readonly [key: string]: unknown;
  }[];
const stepsOf = (rows: readonly { readonly [key: string]: unknown }[]) => rows.map(({ _step }) => _step);
const upTo = (count: number) => Array.from({ length: count }, (_, step) => step);

test.for(["", "1"])(
  "a slow answer: the steps follow those that are there (a picture: '%s')",
  async (PICTURE, context) => {
    const { server, place } = await scene(context);
    const one = await goOn(place, "one", { PICTURE });
    expect(one.report, one.ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
    const count = (await rowsOf(server)).length;
    expect(stepsOf(await rowsOf(server))).toEqual(upTo(count));
    server.faults.push({ match: { operation: "RunResumeStatus" }, action: { kind: "delay", ms: 1_500 } });
    const two = await goOn(place, "two", { PICTURE });
    expect(two.report, two.ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
    const rows = await rowsOf(server);
    expect(stepsOf(rows)).toEqual(upTo(2 * count));
    const values = (list: typeof rows) =>
      list.map(({ _step, picture, ...others }) => [others, picture !== undefined]);
    expect(values(rows.slice(count))).toEqual(values(rows.slice(0, count)));
    // Nor is anything missing that was logged before the answer, and is no row.
    const records = [...readTransactionLog(join(runFolder(two.place), "run-again.wandb"))];
    expect(records.some(({ record }) => record.environment !== undefined)).toBe(true);
    expect((await server.snapshot("tester", "faults", "again")).config["part"]).toEqual({ value: "two" });
    // Nothing of the first log is left.
    expect(readdirSync(runFolder(two.place)).filter((name) => /\.wandb(\.fresh)?$/.test(name))).toEqual([
      "run-again.wandb",
    ]);
    expect(await sendLog(two.place)).toMatchObject({ complete: true });
    expect(await rowsOf(server)).toEqual(rows);
  },
);

test("killed before the answer: everything is in the log, and a sync brings it", async (context) => {
  const { server, place } = await scene(context);
  await goOn(place, "one");
  const before = await rowsOf(server);
  server.faults.push({ match: { operation: "RunResumeStatus" }, action: { kind: "hang" } });
  const { ended, place: killed } = await goOn(place, "two", { STAYS: "1" }, true);
  expect(ended.signal).toBe("SIGKILL");
  // It was still waited for.
  expect(ended.said.join("\n")).not.toMatch(/did not say where the run goes on/);
  expect(rowsInLog(killed.dir)).toBe(100);
  expect(await sendLog(killed)).toMatchObject({ complete: true, problems: [] });
  expect(await rowsOf(server)).toHaveLength(before.length + 100);
  expect((await rowsOf(server)).slice(0, before.length)).toEqual(before);
});

test("no answer in time: the steps begin at 0, and nothing is missing", async (context) => {
  const { server, place } = await scene(context);
  await goOn(place, "one");
  const before = await rowsOf(server);
  server.faults.push({ match: { operation: "RunResumeStatus" }, action: { kind: "hang" } });
  const { report, ended } = await goOn(place, "two", { PICTURE: "1", WANDB_HTTP_TIMEOUT: "60" });
  expect(report, ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
  expect(ended.said.join("\n")).toMatch(/its steps begin at 0/);
  const rows = (await rowsOf(server)).slice(before.length);
  expect(stepsOf(rows)).toEqual(upTo(rows.length));
  expect(rows).toHaveLength(111);
});

test("must, and there is no such run: it is told, and kept", async (context) => {
  const { place } = await scene(context);
  const { report, ended, place: kept } = await goOn(place, "one", { RESUME: "must" });
  expect(report?.pending).toBeGreaterThan(100);
  expect(ended.said.join("\n")).toMatch(/resume "must": there is no run again/);
  const records = [...readTransactionLog(join(runFolder(kept), "run-again.wandb"))];
  expect(records.filter(({ record }) => record.history !== undefined)).toHaveLength(110);
});
