import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tracelet from "tracelet";
import * as wandb from "tracelet/wandb";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { COMMAND, emptyHome, runCommand } from "../support/command-line.js";
import type { ProgramEnded } from "../support/run-program.js";
import { runScript } from "../support/run-script.js";
import { age, ROWS, upTo, useSyncScene } from "../support/sync-scene.js";
import { tempDir } from "../support/temp-dir.js";
import { openTerminal } from "../support/terminal.js";
import { torchrunJob } from "../unit/distributed/policy-table.js";

const scene = useSyncScene();
const { sync, snapshot, makeRun, rowsOf } = scene;

describe("tracelet sync", () => {
  test("a run that had to go on with one that is not there begins none, but under another id", async () => {
    vi.stubEnv("WANDB_BASE_URL", scene.server.url);
    vi.stubEnv("WANDB_API_KEY", scene.server.apiKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const experiment = tracelet.createExperiment("wandb", {
      dir: scene.folder,
      id: "gone",
      project: "p",
      config: { entity: "tester", resume: "must" },
    });
    experiment.log({ loss: 1 });
    expect((await experiment.finish())["wandb"]?.pending).toBeGreaterThan(0);
    const refused = await sync();
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([
      1,
      expect.stringContaining('resume "must": there is no run gone'),
    ]);
    expect([...scene.server.store.projects.values()].flatMap(({ runs }) => [...runs.keys()])).toEqual([]);
    expect(await sync("--id", "other")).toMatchObject({ code: 0 });
    expect((await snapshot("other")).history).toMatchObject([{ loss: 1 }]);
  });

  test("sends all runs of the wandb scene.folder, once", async () => {
    const logs = [await makeRun("r1"), await makeRun("r2"), await makeRun("r3")];
    const first = await sync();
    expect(first.code, first.stderr).toBe(0);
    for (const id of ["r1", "r2", "r3"]) {
      expect(first.stdout).toContain(`synced   ${scene.server.url}/tester/p/runs/${id}  50 rows, `);
      const { state, exitCode, alerts, files, holes, config } = await snapshot(id);
      expect({ state, exitCode, holes }).toEqual({ state: "finished", exitCode: 0, holes: 0 });
      expect(await rowsOf(id)).toEqual(upTo(50));
      expect(alerts).toHaveLength(1);
      expect(files[`${id}.txt`]?.bytes.toString()).toBe(`of ${id}`);
      expect(config["lr"]).toEqual({ value: 0.5 });
    }
    for (const log of logs) expect(existsSync(`${log}.synced`)).toBe(true);

    const requests = scene.server.requests.length;
    const again = await sync();
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^skipped {2}.*: synced already; --include-synced sends it again$/m);
    expect(again.stdout).toContain("2 more");
    expect(scene.server.requests.length).toBe(requests);
  });

  test("--include-synced changes nothing at the server", async () => {
    await makeRun("r1");
    await sync();
    const before = await snapshot("r1");
    const again = await sync("--include-synced");
    expect(again.code, again.stderr).toBe(0);
    expect(await snapshot("r1")).toEqual(before);
  });

  test("without the cursor it finds the server's last row in the log", async () => {
    const log = await makeRun("r1");
    await sync();
    for (const note of [".cursor", ".synced"]) rmSync(log + note);
    const again = await sync(log);
    expect(again.code, again.stderr).toBe(0);
    expect(await rowsOf("r1")).toEqual(upTo(50));
  });

  test("a run that was deleted at the server is sent as a whole", async () => {
    await makeRun("r1");
    await sync();
    const before = await snapshot("r1");
    scene.server.store.projects.clear();
    expect((await sync("--include-synced")).code).toBe(0);
    const { history, alerts, state } = await snapshot("r1");
    expect({ history, alerts: alerts.length, state }).toEqual({
      history: before.history,
      alerts: 1,
      state: "finished",
    });
  });

  test("--project, --entity and --id say where a run goes, which takes nothing from the first place", async () => {
    await makeRun("r1");
    await sync();
    const ended = await sync("--include-synced", "--id", "copy", "--project", "q", "wandb/latest-run");
    expect(ended.code, ended.stderr).toBe(0);
    const { history, alerts, exitCode } = await snapshot("copy", "q");
    expect([history.length, alerts.length, exitCode]).toEqual([50, 1, 0]);
    expect(
      [...scene.server.store.projects.values()].map(({ name, runs }) => [name, [...runs.keys()]]),
    ).toEqual([
      ["p", ["r1"]],
      ["q", ["copy"]],
    ]);
  });

  test("a log that is cut anywhere arrives up to there, as a failed run", async () => {
    const log = await makeRun("r1", 50, { label: "cut" });
    const whole = readFileSync(log);
    let most = -1;
    for (const share of [0.3, 0.6, 0.9]) {
      writeFileSync(log, whole);
      truncateSync(log, Math.floor(whole.length * share));
      age(log);
      const id = `cut-${share * 10}`;
      const ended = await sync("--id", id, "--include-synced", log);
      expect(ended.code, ended.stderr).toBe(0);
      const { state, exitCode, holes } = await snapshot(id);
      expect({ state, exitCode, holes }).toEqual({ state: "failed", exitCode: 1, holes: 0 });
      const rows = await rowsOf(id);
      expect(rows).toEqual(upTo(rows.length));
      expect(rows.length).toBeGreaterThan(most);
      most = rows.length;
    }
    expect(most).toBeGreaterThan(30);
  });

  test("a log that is damaged in its middle arrives up to there, and the others arrive", async () => {
    const log = await makeRun("bad");
    const bytes = readFileSync(log);
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff;
    writeFileSync(log, bytes);
    age(log);
    await makeRun("good");
    writeFileSync(join(scene.folder, "wandb", "none.wandb"), "no log at all");
    age(join(scene.folder, "wandb", "none.wandb"));
    const ended = await sync();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^failed {3}.*run-bad\.wandb: the log is damaged: .* at byte \d+$/m);
    expect(ended.stderr).toMatch(/^failed {3}wandb\/none\.wandb: the file does not start as a \.wandb file/m);
    expect(ended.stderr).toContain("1 synced, 2 failed");
    expect(await rowsOf("good")).toEqual(upTo(50));
    const rows = await rowsOf("bad");
    expect(rows.length).toBeGreaterThan(10);
    expect(rows).toEqual(upTo(rows.length));
    expect(existsSync(`${log}.synced`)).toBe(false);
  });

  test("a saved file that is gone is told, and the run has arrived", async () => {
    const log = await makeRun("r1");
    rmSync(join(log, "..", "files", "r1.txt"));
    const first = await sync();
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^synced .* 1 left out$/m);
    expect(first.stderr).toMatch(/^warning {2}.*run-r1\.wandb: r1\.txt is left out: there is no such file$/m);
    expect(await snapshot("r1")).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
    const second = await sync();
    expect([second.code, second.stderr]).toEqual([0, ""]);
    expect(second.stdout).toMatch(/^skipped .*: synced already/);
    const third = await sync("--include-synced", "--json");
    expect(JSON.parse(third.stdout)).toMatchObject({
      ...{ state: "synced", leftOut: 1, problems: [] },
      warnings: ["r1.txt is left out: there is no such file"],
    });
  });

  test("an artifact whose copy is gone is a failure each time, and the others go on", async () => {
    const staging = join(scene.folder, "data");
    vi.stubEnv("WANDB_DATA_DIR", staging);
    onTestFinished(() => void vi.unstubAllEnvs());
    const run = await wandb.init({
      ...{ dir: scene.folder, id: "r1", entity: "tester", project: "p", mode: "offline" },
      settings: { console: "off", disableStats: true, silent: true },
    });
    writeFileSync(join(scene.folder, "model.bin"), "weights");
    const artifact = new wandb.Artifact("model", { type: "model" });
    artifact.addFile(join(scene.folder, "model.bin"));
    run.logArtifact(artifact);
    run.log({ row: 0 });
    await run.finish();
    rmSync(staging, { recursive: true });
    for (const _ of [1, 2]) {
      const ended = await sync();
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/^failed .*run-r1\.wandb: artifact .*model/m);
    }
    expect(await snapshot("r1")).toMatchObject({ state: "finished", exitCode: 0 });
    expect(await rowsOf("r1")).toEqual([0]);
  });

  /** An offline run with two alerts. */
  async function makeAlerts(): Promise<void> {
    const run = await wandb.init({
      ...{ dir: scene.folder, id: "r1", entity: "tester", project: "p", mode: "offline" },
      settings: { console: "off", disableStats: true, silent: true },
    });
    run.log({ row: 0 });
    for (const title of ["first", "second"]) run.alert({ title, text: "" });
    await run.finish();
  }
  const refuseAlert = (status: number): void => {
    const match = { operation: "NotifyScriptableRunAlert" };
    scene.server.faults.push({ match, times: 1, action: { kind: "status", status } });
  };
  const alertsOf = async (id: string) => (await snapshot(id)).alerts.map(({ title }) => title);

  test("an alert that the server never takes is left out, and those behind it arrive once", async () => {
    await makeAlerts();
    refuseAlert(400);
    const first = await sync();
    expect(first.code, first.stderr).toBe(0);
    expect(first.stderr).toContain('alert "first" is left out: NotifyScriptableRunAlert: 400');
    expect(await alertsOf("r1")).toEqual(["second"]);
    expect((await sync("--include-synced")).code).toBe(0);
    expect(await alertsOf("r1")).toEqual(["second"]);
  });

  test("an alert that could not be sent now holds back those behind it, until the next time", async () => {
    await makeAlerts();
    refuseAlert(403);
    const first = await sync();
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('alert "first": NotifyScriptableRunAlert: 403');
    expect((await sync()).code).toBe(0);
    expect(await alertsOf("r1")).toEqual(["first", "second"]);
  });

  test("sent to a second project and to the first again, nothing is doubled in either", async () => {
    const log = await makeRun("r1");
    const there = [["--include-synced", "--project", "q"], ["--include-synced"]];
    for (const args of [[], ...there, ...there]) expect((await sync(...args, log)).code).toBe(0);
    for (const project of ["p", "q"]) {
      const { history, alerts, events, console: lines } = await snapshot("r1", project);
      expect([project, history.map(({ row }) => row)]).toEqual([project, upTo(50)]);
      expect([project, alerts.length, events.length, lines.length]).toEqual([project, 1, 0, 0]);
    }
  });

  test("another log under the name of one that has arrived is sent as a whole", async () => {
    const log = await makeRun("r1");
    await sync();
    const other = await makeRun("r1", 30);
    const bytes = readFileSync(other);
    rmSync(join(other, ".."), { recursive: true });
    writeFileSync(log, bytes);
    age(log);
    const ended = await sync();
    expect(ended.code, ended.stderr).toBe(0);
    expect(await rowsOf("r1")).toEqual([...upTo(50), ...upTo(30)]);
  });

  test("a run that another has taken the place of at the server is sent as a whole", async () => {
    const log = await makeRun("r1");
    await sync();
    scene.server.store.projects.clear();
    const other = await makeRun("r1", 20);
    await sync(other);
    const ended = await sync("--include-synced", log);
    expect(ended.code, ended.stderr).toBe(0);
    expect(await rowsOf("r1")).toEqual([...upTo(20), ...upTo(50)]);
  });

  test("a log that was written by a wrong clock has arrived, too", async () => {
    const log = await makeRun("r1");
    const nextYear = new Date(Date.now() + 365 * 86_400_000);
    utimesSync(log, nextYear, nextYear);
    expect((await sync()).stdout).toMatch(/^synced /);
    expect((await sync()).stdout).toMatch(/^skipped .*: synced already/);
  });

  test("--dry-run sends nothing and writes nothing", async () => {
    await makeRun("r1");
    const list = () =>
      readdirSync(scene.folder, { recursive: true, withFileTypes: true }).map(
        ({ parentPath, name }) => `${parentPath}/${name} ${statSync(join(parentPath, name)).mtimeMs}`,
      );
    const before = list();
    const ended = await sync("--dry-run");
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(
      /^would send wandb\/offline-run-.*-r1\/run-r1\.wandb {2}[\d.]+ kB {2}tester\/p\/r1$/m,
    );
    expect(list()).toEqual(before);
    expect(scene.server.requests).toEqual([]);
  });

  test("--json prints an object for each run", async () => {
    const log = await makeRun("r1");
    await makeRun("r2");
    writeFileSync(log, "x");
    age(log);
    const ended = await sync("--json");
    expect(ended.code).toBe(1);
    const runs = ended.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { state: string });
    expect(runs.sort((a, b) => (a.state < b.state ? -1 : 1))).toMatchObject([
      {
        journal: log,
        state: "failed",
        problems: [expect.stringContaining("does not start as a .wandb file")],
      },
      {
        run: "tester/p/r2",
        state: "synced",
        rows: 50,
        url: `${scene.server.url}/tester/p/runs/r2`,
        problems: [],
      },
    ]);
  });

  test("without a key, or with a wrong one, it says what to do and sends nothing", async () => {
    await makeRun("r1");
    const { WANDB_API_KEY: key, ...without } = scene.env as { WANDB_API_KEY: string };
    const none = await runCommand(["sync"], scene.folder, without);
    expect(none.code).toBe(1);
    expect(none.stderr).toContain(`no API key for ${scene.server.url}; run "tracelet wandb login"`);
    expect(scene.server.requests).toEqual([]);
    const wrongKey = `local-${"f".repeat(40)}`;
    const wrong = await runCommand(["sync"], scene.folder, { ...scene.env, WANDB_API_KEY: wrongKey });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("check WANDB_API_KEY, which comes before the key of");
    const netrc = join(scene.env["HOME"]!, ".netrc");
    writeFileSync(netrc, `machine ${new URL(scene.server.url).host} password ${wrongKey}`, { mode: 0o600 });
    const kept = await runCommand(["sync"], scene.folder, without);
    expect(kept.code).toBe(1);
    expect(kept.stderr).toContain('"tracelet wandb login --relogin" asks for another key');
    const short = await runCommand(["sync"], scene.folder, { ...scene.env, WANDB_API_KEY: "nokey" });
    expect(short.code).toBe(1);
    expect(short.stderr).toMatch(/WANDB_API_KEY cannot be used: .* Nothing was sent\.$/m);
    for (const { stdout, stderr } of [none, wrong, kept, short]) {
      for (const secret of [key, wrongKey, "nothing to sync"]) expect(stderr + stdout).not.toContain(secret);
    }
  });

  test("wrong options and paths end with 2", async () => {
    await makeRun("r1");
    await makeRun("r2");
    const one = ["--include-synced", "wandb/latest-run"];
    for (const args of [
      ...[["--what"], ["nothing"], ["r1.txt"], ["--id", "x", "wandb"], ["--dry-run", "--watch"]],
      ...[
        ["--id", "a/b"],
        ["--id", ""],
        ["--project", "a/b"],
        ["--project", ""],
      ].map((names) => [...names, ...one]),
      ...[
        ["--entity", ""],
        ["--entity", "a/b"],
      ],
    ]) {
      const ended = await sync(...args);
      expect([args, ended.code]).toEqual([args, 2]);
      expect(ended.stdout).toBe("");
      expect(ended.stderr).not.toContain("nothing to sync");
    }
    expect((await runCommand(["sync"], tempDir(), scene.env)).stderr).toMatch(
      /there is no .*wandb; give the path/,
    );
    expect(scene.server.requests).toEqual([]);
  });

  test("a folder that cannot be written is sent all the same, with the files about the run", async () => {
    const log = await makeRun("r1");
    const run = join(log, "..");
    const readOnly = process.getuid?.() === 0 ? { uid: 65_534 } : {};
    for (const each of [scene.folder, join(scene.folder, "home")]) chmodSync(each, 0o755);
    for (const each of [run, join(run, "files")]) chmodSync(each, 0o555);
    const child = spawn(process.execPath, [COMMAND, "sync", log], {
      ...{
        cwd: scene.folder,
        env: { ...scene.env, WANDB_CACHE_DIR: tmpdir(), WANDB_DATA_DIR: tmpdir() },
        ...readOnly,
      },
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code, said).toBe(0);
    const { files } = await snapshot("r1");
    for (const name of ["config.yaml", "wandb-summary.json", "wandb-metadata.json", "r1.txt"])
      expect(Object.keys(files)).toContain(name);
    expect(existsSync(`${log}.synced`)).toBe(false);
    for (const each of [run, join(run, "files")]) chmodSync(each, 0o755);
  });
});

describe("what cannot be read", () => {
  /** Root may read everything, so that it becomes nobody. */
  const asNobody = (...args: readonly string[]) =>
    new Promise<{ code: number | null; said: string }>((resolve) => {
      for (const each of [scene.folder, join(scene.folder, "home")]) chmodSync(each, 0o755);
      const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {};
      const child = spawn(process.execPath, [COMMAND, "sync", ...args], {
        cwd: scene.folder,
        env: scene.env,
        ...nobody,
      });
      // Its home cannot be written either, which a run without artifacts does not need.
      let said = "";
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding("utf8").on("data", (text: string) => {
          said += text;
        });
      child.once("close", (code) => resolve({ code, said }));
    });

  test("is a failure, and the others go on", async () => {
    const [closed, hidden] = [await makeRun("r1"), await makeRun("r2")];
    await makeRun("r3");
    chmodSync(join(closed, ".."), 0);
    chmodSync(hidden, 0);
    for (const args of [[], [join(closed, ".."), closed, "wandb"]]) {
      const { code, said } = await asNobody(...args);
      expect(code, said).toBe(1);
      expect(said).toMatch(/^failed {3}wandb\/offline-run-\d+_\d+-r1: EACCES: permission denied/m);
      expect(said).toMatch(/^failed {3}wandb\/.*\/run-r2\.wandb: EACCES: permission denied/m);
      expect(await rowsOf("r3")).toEqual(upTo(50));
    }
    chmodSync(join(scene.folder, "wandb"), 0);
    expect(await asNobody()).toMatchObject({
      code: 1,
      said: expect.stringContaining("failed   wandb: EACCES"),
    });
    chmodSync(join(scene.folder, "wandb"), 0o755);
    chmodSync(join(closed, ".."), 0o755);
  });
});

describe("a run that goes on with another", () => {
  test("takes over what the server has, as it would online, and the second time changes nothing", async () => {
    await makeRun("r1", 20);
    await sync();
    const run = await wandb.init({
      ...{ dir: scene.folder, id: "r1", entity: "tester", project: "p", mode: "offline", resume: "allow" },
      config: { batch: 8 },
      settings: { console: "off", disableStats: true, silent: true },
    });
    run.log({ row: 20 }, { step: 20 });
    run.log({ row: 21 }, { step: 21 });
    await run.finish();
    for (const args of [[], ["--include-synced"]]) {
      const ended = await sync(...args);
      expect(ended.code, ended.stderr).toBe(0);
      const { config, summary, state } = await snapshot("r1");
      expect(await rowsOf("r1")).toEqual(upTo(22));
      expect(config).toMatchObject({ lr: { value: 0.5 }, batch: { value: 8 } });
      expect(summary).toMatchObject({ row: 21, loss: 1 / 20 });
      expect(state).toBe("finished");
    }
  });
});

describe("in a terminal", () => {
  test("a bar shows how much has arrived, below the lines, and is gone at the end", async () => {
    await makeRun("r1", 20_000);
    let show = (): void => {};
    const seen = new Promise<void>((resolve) => {
      show = resolve;
    });
    scene.server.faults.push({
      match: { path: /file_stream$/ },
      times: 1,
      action: { kind: "wait", until: seen },
    });
    const terminal = await openTerminal([process.execPath, COMMAND, "sync"], scene.folder, scene.env);
    try {
      await terminal.waitFor((screen) =>
        /^[█░]{20} +\d+ % {2}1 run {2}\d+ rows? {2}\d+ files? {2}/m.test(screen),
      );
      show();
      const screen = await terminal.waitFor((text) => text.includes("ended with exit code 0"));
      expect(screen).toMatch(/^synced {3}http.*\/runs\/r1 {2}20000 rows, \d+ files, /m);
      expect(screen).not.toMatch(/[█░]/);
    } finally {
      await terminal.close();
    }
  });
});

describe("shared runs", () => {
  test("become one, which ends with the writer that ends it", async () => {
    const options = { backend: "wandb", runMode: "shared", id: "s1", project: "p" };
    const args = [JSON.stringify({ ...options, config: { mode: "offline", entity: "tester" } })];
    const script = new URL("fixtures/rank.mjs", import.meta.url);
    for (const rank of torchrunJob("1x4", "job7")) {
      const ran = await runScript(script, {
        args,
        env: { ...emptyHome(scene.folder), ...(rank as object) },
        cwd: scene.folder,
      });
      expect(ran.code, ran.stderr).toBe(0);
    }
    const ended = await sync();
    expect(ended.code, ended.stderr).toBe(0);
    const { history, state, exitCode } = await snapshot("s1");
    for (const rank of upTo(4)) {
      const values = history.map((row) => row[`loss/${rank}`]).filter((value) => value !== undefined);
      expect(values).toEqual(upTo(10).map((step) => rank * 100 + step));
    }
    expect({ state, exitCode }).toEqual({ state: "finished", exitCode: 0 });
    const streams = scene.server.requests.filter(({ path }) => path.endsWith("file_stream"));
    const ends = streams.filter(({ body }) => (body as { complete?: boolean }).complete);
    expect(ends).toHaveLength(1);
    expect(streams.at(-1)).toBe(ends[0]);
    expect(new Set(streams.map(({ headers }) => headers["x-wandb-async-client-id"])).size).toBe(4);
  });
});

describe("--watch", () => {
  test("follows a run while it is written, and ends with it", async () => {
    let watching: Promise<ProgramEnded> | undefined;
    const fast = { ...scene.env, WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: "0.1" };
    const running = runScript(ROWS, {
      args: [scene.folder, "live", "10"],
      onLine: () => {
        watching ??= runCommand(
          ["sync", "--watch", join(scene.folder, "wandb", "latest-run")],
          scene.folder,
          fast,
        );
      },
    });
    const growing = new Set<number>();
    while (growing.size < 5) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      const rows = await rowsOf("live").catch(() => []);
      if (rows.length > 0) growing.add(rows.length);
    }
    writeFileSync(join(scene.folder, "stop"), "");
    const count = Number(/^rows (\d+)$/m.exec((await running).stdout)?.[1]);
    const ended = await watching!;
    expect(ended.code, ended.stderr).toBe(0);
    expect(await rowsOf("live")).toEqual(upTo(count));
    expect(await snapshot("live")).toMatchObject({ state: "finished", exitCode: 0 });
  });

  test("without it a run that is being written is left alone", async () => {
    let syncing: Promise<ProgramEnded> | undefined;
    await runScript(ROWS, {
      args: [scene.folder, "live", "10"],
      onLine: () => {
        syncing ??= sync().finally(() => writeFileSync(join(scene.folder, "stop"), ""));
      },
    });
    const ended = await syncing!;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^skipped {2}.*run-live\.wandb: still being written; --watch follows it$/m);
    expect(scene.server.requests).toEqual([]);
  });

  test("finds new runs in the scene.folder, until it is ended", async () => {
    const child = spawn(process.execPath, [COMMAND, "sync", "--watch"], {
      cwd: scene.folder,
      env: scene.env,
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const code = new Promise((resolve) => child.once("close", resolve));
    const arrives = async (id: string) => {
      while ((await snapshot(id).catch(() => undefined))?.state !== "finished")
        await new Promise((resolve) => setTimeout(resolve, 50));
    };
    await vi.waitFor(
      () => expect(said).toBe(`waiting for runs in ${join(scene.folder, "wandb")}; Ctrl-C ends it\n`),
      {
        timeout: 5_000,
      },
    );
    for (const id of ["old", "new"]) {
      await makeRun(id);
      await arrives(id);
    }
    child.kill("SIGINT");
    expect(await code).toBe(0);
  });
});
