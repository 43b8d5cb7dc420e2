import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { expect, test } from "vitest";
import { pythonPath } from "../../support/python.js";
import { tempDir } from "../../support/temp-dir.js";
import { runFolders } from "../../support/wandb-log.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";

// `test/integration/wandb-sdk.test.ts` reads the logs of such runs; here the official client uploads them.

const RUNS = 100;
const ROWS = 5;

test("a hundred runs at once in one process are uploaded by one official sync of their folder", async () => {
  const dir = tempDir();
  const runs = Array.from({ length: RUNS }, (_, i) => ({ id: `many${i}`, i }));
  await Promise.all(
    runs.map(async ({ id, i }) => {
      const run = await wandb.init({
        id,
        dir,
        project: "many",
        config: { i },
        mode: "offline",
        settings: { console: "off" },
      });
      for (let row = 0; row < ROWS; row++) run.log({ value: i * ROWS + row });
      run.summary["of"] = id;
      await run.finish();
    }),
  );
  expect(runFolders(dir)).toHaveLength(RUNS);

  const server = await startWandbServer();
  try {
    const environment = clientEnvironment(server, dir);
    const sync = await syncOfficial(await pythonPath(), [join(dir, "wandb")], dir, environment);
    const output = sync.stdout + sync.stderr;
    expect(sync.code, output).toBe(0);
    expect(output).toContain(`Syncing ${RUNS} run(s)`);
    expect(output.split("\n").filter((line) => /WARNING|ERROR/.test(line))).toEqual([]);
    const unsynced = runFolders(dir).filter(
      (folder) => !readdirSync(folder).some((name) => name.endsWith(".wandb.synced")),
    );
    expect(unsynced).toEqual([]);

    expect([...server.store.projects.keys()]).toEqual(["tester/many"]);
    expect(server.store.projects.get("tester/many")!.runs.size).toBe(RUNS);
    for (const { id, i } of runs) {
      const run = await server.snapshot("tester", "many", id);
      expect(run).toMatchObject({ state: "finished", exitCode: 0, holes: 0, config: { i: { value: i } } });
      expect(run.history.map(({ _step, value }) => [_step, value])).toEqual(
        Array.from({ length: ROWS }, (_, row) => [row, i * ROWS + row]),
      );
      expect(run.summary).toMatchObject({ of: id, value: i * ROWS + ROWS - 1 });
    }
  } finally {
    await server.close();
  }
});
