import { cpSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { killComputing, killManyOf } from "../../support/sigkill.js";
import { tempDir } from "../../support/temp-dir.js";
import { countRows, logFile, readLog, runFolders } from "../../support/wandb-log.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";

// `test/faults/wandb-sigkill.test.ts` reads such logs with our reader; here the official client uploads them.

test("the official sync uploads every row of a killed run that is older than 10 ms", async () => {
  const dir = tempDir();
  mkdirSync(join(dir, "wandb"));
  /** Kills a script, and keeps its run for the sync. */
  const kill = async (afterMs: number) => {
    const run = { name: "", torn: false };
    const killed = await killComputing("wandb-blocked.mjs", afterMs, (at) => {
      const log = logFile(at);
      run.torn = readLog(log).end.reason !== "end";
      run.name = log.split("/").at(-2)!;
      cpSync(runFolders(at)[0]!, join(dir, "wandb", run.name), { recursive: true });
      return [countRows(at)];
    });
    return { ...killed, ...run };
  };
  const { counted } = await killManyOf(10, kill);
  expect(counted.reduce((sum, { logged }) => sum + logged, 0)).toBeGreaterThan(500);

  const server = await startWandbServer();
  try {
    const folders = counted.map(({ name }) => join(dir, "wandb", name));
    const sync = await syncOfficial(await pythonPath(), folders, dir, clientEnvironment(server, dir));
    const output = sync.stdout + sync.stderr;
    expect(sync.exitCode, output).toBe(0);
    expect(output).toContain("Syncing 10 run(s)");
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
      // Both files agree with each other, so this is the age of the oldest row that the server lacks.
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
