import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { syncRuns } from "#backends/wandb/sync/sync-runs.js";
import type { SyncedRun } from "#src/backend/command-line.js";
import { COMMAND, runCommand } from "../../support/command-line.js";
import { runScript } from "../../support/run-script.js";
import { ROWS, upTo, useSyncScene } from "../../support/sync-scene.js";
import type { Fault } from "../../support/wandb-server/faults.js";
import { startWandbServer } from "../../support/wandb-server/server.js";

// `tracelet sync` when it, its server or the script of the run is interrupted; what it does otherwise: test/integration/wandb-sync.test.ts.

const scene = useSyncScene();
const { sync, snapshot, makeRun, rowsOf } = scene;

describe("tracelet sync in trouble", () => {
  test("a run that was killed is a failed one with all that was written", async () => {
    let most = 0;
    for (const count of [40, 150, 400]) {
      const id = `killed-${count}`;
      await runScript(ROWS, {
        args: [scene.folder, id, "1"],
        onLine: (line, child) => void (line === `row ${count}` && child.kill("SIGKILL")),
      });
      const ended = await sync();
      expect(ended.code, ended.stderr).toBe(0);
      const rows = await rowsOf(id);
      expect(rows).toEqual(upTo(rows.length));
      expect(await snapshot(id)).toMatchObject({ state: "failed", exitCode: 1, holes: 0 });
      most = Math.max(most, rows.length);
    }
    // How many are written when a script is killed, is asked in test/faults/wandb-sigkill.test.ts.
    expect(most).toBeGreaterThan(0);
  });

  test("an online run that was killed goes on where its process ended", async () => {
    const online = { ...scene.env, WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: "0.05" };
    for (const answers of [1, 4, 8]) {
      const id = `online-${answers}`;
      const answered = () =>
        scene.server.requests.filter(
          ({ path, status }) => path.endsWith(`${id}/file_stream`) && status === 200,
        );
      await runScript(ROWS, {
        args: [scene.folder, id, "1", "online"],
        env: online,
        onLine: (_line, child) => void (answered().length >= answers && child.kill("SIGKILL")),
      });
      const before = await rowsOf(id);
      expect(before.length).toBeGreaterThan(0);
      const ended = await sync();
      expect(ended.code, ended.stderr).toBe(0);
      const rows = await rowsOf(id);
      expect(rows.length).toBeGreaterThanOrEqual(before.length);
      expect(rows).toEqual(upTo(rows.length));
      expect(await snapshot(id)).toMatchObject({ state: "failed", exitCode: 1, holes: 0 });
    }
  });

  test("a sync that was killed goes on, with nothing missing or doubled", async () => {
    await makeRun("r1", 20_000);
    const pieces = { ...scene.env, WANDB_X_FILE_STREAM_MAX_BYTES: "60000" };
    const streams = () => scene.server.requests.filter(({ path }) => path.endsWith("file_stream")).length;
    const counts: number[] = [];
    for (const requests of [1, 3, 5, 7, 9]) {
      // The last of them has no answer, so that the command is killed while it waits for it.
      scene.server.faults.push({
        match: { path: /file_stream$/ },
        skip: requests - 1,
        action: { kind: "hang" },
      });
      const before = streams();
      const child = spawn(process.execPath, [COMMAND, "sync"], {
        cwd: scene.folder,
        env: pieces,
        stdio: "ignore",
      });
      const end = new Promise((resolve) => child.once("close", (_code, signal) => resolve(signal)));
      while (streams() < before + requests) await new Promise((resolve) => setTimeout(resolve, 5));
      child.kill("SIGKILL");
      expect(await end).toBe("SIGKILL");
      counts.push((await rowsOf("r1")).length);
    }
    expect(new Set(counts).size).toBeGreaterThan(3);
    expect(Math.max(...counts)).toBeLessThan(20_000);
    expect(scene.server.faults).toEqual([]);
    const ended = await sync();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(20_000));
    expect(await snapshot("r1")).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
  });

  test("goes on when nobody reads its lines any more", async () => {
    for (const id of ["r1", "r2", "r3"]) await makeRun(id);
    const later = { match: { path: /r[23]\/file_stream$/ }, times: 2 };
    scene.server.faults.push({ ...later, action: { kind: "delay", ms: 500 } });
    const child = spawn(process.execPath, [COMMAND, "sync"], { cwd: scene.folder, env: scene.env });
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
    for (const id of ["r1", "r2", "r3"]) expect(await rowsOf(id)).toEqual(upTo(50));
  });

  test("two at the same time send a run once", async () => {
    await makeRun("r1", 2_000);
    const both = await Promise.all([sync(), sync()]);
    for (const { code, stderr } of both) expect(code, stderr).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(2_000));
    const { alerts, state } = await snapshot("r1");
    expect([alerts.length, state]).toEqual([1, "finished"]);
  });

  test("a server that is away is given up, and the runs are kept", async () => {
    await makeRun("r1");
    await scene.server.close();
    const quick = { WANDB_X_GRAPHQL_RETRY_MAX: "1", WANDB_X_GRAPHQL_RETRY_WAIT_MIN_SECONDS: "0.1" };
    const ended = await runCommand(["sync"], scene.folder, { ...scene.env, ...quick });
    scene.server = await startWandbServer({ port: Number(new URL(scene.server.url).port) });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("the same command sends them later");
    expect((await sync()).code).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(50));
  });

  test("a server that stops answering in the middle is given up in time, and the next sync goes on", async () => {
    await makeRun("r1");
    const sick: Fault = {
      match: { path: /file_stream$/ },
      times: Number.POSITIVE_INFINITY,
      action: { kind: "status", status: 503 },
    };
    scene.server.faults.push(sick);
    const ended: SyncedRun[] = [];
    const notes: string[] = [];
    for (const name of ["WANDB_BASE_URL", "WANDB_API_KEY", "HOME"]) vi.stubEnv(name, scene.env[name]);
    onTestFinished(() => void vi.unstubAllEnvs());
    await syncRuns(
      {
        ...{ paths: [join(scene.folder, "wandb")], includeSynced: false, dryRun: false, watch: false },
        signal: new AbortController().signal,
      },
      { progress() {}, ended: (run) => ended.push(run), note: (line) => notes.push(line) },
      1_500,
    );
    expect(ended).toMatchObject([{ state: "failed", problems: ["the server gave no answer for 2 s"] }]);
    expect(notes[0]).toBe(`${scene.server.url} does not answer; trying again`);
    scene.server.faults.length = 0;
    expect((await sync()).code).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(50));
  });

  test("SIGINT ends it cleanly, and the next time goes on", async () => {
    await makeRun("r1", 5_000);
    scene.server.faults.push({ match: { path: /file_stream$/ }, action: { kind: "hang" } });
    const child = spawn(process.execPath, [COMMAND, "sync"], { cwd: scene.folder, env: scene.env });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const code = new Promise((resolve) => child.once("close", resolve));
    while (scene.server.requests.every(({ path }) => !path.endsWith("file_stream")))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    expect(await code).toBe(1);
    expect(said).toContain("stopped before everything had arrived");
    expect((await sync()).code).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(5_000));
  });
});
