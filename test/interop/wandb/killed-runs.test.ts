import { cpSync, mkdirSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { expect, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { killComputing, killManyOf } from "../../support/sigkill.js";
import { tempDir } from "../../support/temp-dir.js";
import { countRows, historyValues, logFile, readLog, runFolders } from "../../support/wandb-log.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";

// `test/faults/wandb-sigkill.test.ts` reads such logs with our reader; here the official client uploads them.

test("the official sync uploads every row of a killed run that is older than 10 ms", async ({ skip }) => {
  const dir = tempDir();
  mkdirSync(join(dir, "wandb"));
  /** Kills a script, and keeps its run for the sync. */
  const kill = async (afterMs: number) => {
    const run = { name: "", torn: false };
    const killed = await killComputing("wandb", afterMs, (at) => {
      const log = logFile(at);
      run.torn = readLog(log).end.reason !== "end";
      run.name = log.split("/").at(-2)!;
      cpSync(runFolders(at)[0]!, join(dir, "wandb", run.name), { recursive: true });
      return [countRows(at)];
    });
    return { ...killed, ...run };
  };
  const { counted } = await killManyOf(10, kill);
  if (counted.length === 0) skip("the machine was too busy to let the threads of a script run");

  const server = await startWandbServer();
  try {
    const folders = counted.map(({ name }) => join(dir, "wandb", name));
    const sync = await syncOfficial(await pythonPath(), folders, dir, clientEnvironment(server, dir));
    const output = sync.stdout + sync.stderr;
    expect(sync.code, output).toBe(0);
    expect(output).toContain(`Syncing ${counted.length} run(s)`);
    // A record that the kill cut in two is told as an error and leaves no marker; everything before it arrives.
    const torn = counted.filter(({ torn }) => torn);
    const complaints = output.split("\n").filter((line) => /WARNING|ERROR/.test(line));
    expect(complaints, output).toHaveLength(torn.length);

    for (const killed of counted) {
      const id = killed.name.split("-").at(-1)!;
      const run = await server.snapshot("tester", "faults", id);
      const told = JSON.stringify({ ...killed, uploaded: run.history.length });
      expect(
        run.history.map(({ loss }) => loss),
        told,
      ).toEqual(Array.from({ length: killed.found[0]! }, (_, row) => row));
      expect(run.history.map(({ _step }) => _step)).toEqual(run.history.map((_, row) => row));
      expect(run.holes).toBe(0);
      // What arrived is all the log holds, so this is the age of the oldest row that the server lacks.
      expect(killed.oldestMissingMs, told).toBeLessThanOrEqual(10);
      // A log without an exit record counts as one of exit code 1.
      expect(run).toMatchObject({ state: "failed", exitCode: 1 });
      const marker = readdirSync(join(dir, "wandb", killed.name)).includes(`run-${id}.wandb.synced`);
      expect(marker, told).toBe(!killed.torn);
    }
  } finally {
    await server.close();
  }
});

// No kill of these cut a record (a write of this size is done or not done); a full disk or a power failure may.
test("the official sync uploads a log of ours that was cut in a record up to the cut, as our reader reads it", async () => {
  const cut: {
    readonly id: string;
    readonly dir: string;
    readonly rows: number[];
    readonly torn: boolean;
  }[] = [];
  const dir = tempDir();
  for (const share of [0.3, 0.5, 0.7, 0.9]) {
    const id = `cut${share * 10}`;
    const at = join(dir, id);
    mkdirSync(at);
    const settings = { console: "off", disableStats: true };
    const run = await wandb.init({ id, dir: at, project: "faults", mode: "offline", settings });
    // Larger than a block of the log's format (32 KiB).
    for (let row = 0; row < 1_000; row++) run.log({ loss: row, text: "x".repeat(row % 300) });
    await run.finish();
    const log = logFile(at);
    expect(statSync(log).size).toBeGreaterThan(100_000);
    truncateSync(log, Math.floor(statSync(log).size * share));
    const { records, end } = readLog(log);
    cut.push({ id, dir: at, rows: historyValues(records, "loss"), torn: end.reason === "torn" });
  }
  expect(cut.some(({ torn }) => torn)).toBe(true);

  const server = await startWandbServer();
  try {
    const folders = cut.map((run) => runFolders(run.dir)[0]!);
    const sync = await syncOfficial(await pythonPath(), folders, dir, clientEnvironment(server, dir));
    expect(sync.code, sync.stderr).toBe(0);
    for (const [i, { id, rows, torn }] of cut.entries()) {
      const run = await server.snapshot("tester", "faults", id);
      expect(
        run.history.map(({ loss }) => loss),
        id,
      ).toEqual(rows);
      expect(rows.length, id).toBeGreaterThan(200);
      expect(run).toMatchObject({ state: "failed", exitCode: 1, holes: 0 });
      expect(readdirSync(folders[i]!).includes(`run-${id}.wandb.synced`), id).toBe(!torn);
    }
  } finally {
    await server.close();
  }
});
