import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import type { Reports } from "#src/channel/protocol.js";
import { emptyHome, runCommand } from "../support/command-line.js";
import {
  checkEventFiles,
  checkServer,
  type JoinedJob,
  type JoinedTold,
  type Joining,
  runJoined,
} from "../support/joined.js";
import { readScalars } from "../support/run-files.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";
import { startWandbServer } from "../support/wandb-server/server.js";

// Several writers of one run: forks and cluster workers, which find the handle in their environment, and threads.

const COUNT = 5_000;
const KINDS = ["fork", "cluster", "thread"] as const;
const WRITERS = 3;

const run = (how: Joining, backend: string | readonly string[], more: Partial<JoinedJob> = {}) => {
  const dir = more.dir ?? tempDir();
  return runJoined({ how, writers: WRITERS, count: COUNT, backend, ...more, dir }).then((ended) => ({
    ...ended,
    dir,
  }));
};

const values = Array.from({ length: COUNT }, (_, step) => step);

describe.each(KINDS)("%s", (how) => {
  let dir: string;
  let told: JoinedTold;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "tracelet-joined-"));
    const wandb = { mode: "offline", settings: { disableStats: true } };
    const options = { config: { wandb }, project: "shared" };
    const ended = await run(how, ["tensorboard", "jsonl", "wandb"], { options, dir });
    // What `tracelet sync` has to send, of each writer.
    expect(ended.said.filter((line) => !line.includes("events are kept in"))).toEqual([]);
    told = ended.told;
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("tensorboard and jsonl: a file for each writer, in the run's folder and beside the run's file", () => {
    expect(readdirSync(join(dir, "runs"))).toEqual([`joined-${told.id}`]);
    const folder = join(dir, "runs", `joined-${told.id}`);
    const labels = readdirSync(folder)
      .filter((name) => name.includes("tfevents"))
      .map((name) => name.split(".").at(-1)!);
    expect(new Set(labels).size).toBe(4);
    expect(labels).toContain("primary");
    checkEventFiles(folder, WRITERS, COUNT);
    expect([...readScalars(folder, "leader")]).toEqual([{ step: 7, value: 1 }]);
    // Files of the run as a whole are the primary's.
    expect(JSON.parse(readFileSync(join(folder, "params.json"), "utf8"))).toEqual({ lr: 0.1 });
    const ids = told.reports.map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([told.id]));

    const files = readdirSync(dir).filter((name) => name.endsWith(".jsonl"));
    expect(files).toHaveLength(4);
    expect(files).toContain(`joined-${told.id}.jsonl`);
    const seen = files.map((name) => {
      const { run } = JSON.parse(readFileSync(join(dir, name), "utf8").split("\n", 1)[0]!) as {
        run: { id: string; group: string };
      };
      expect(run.group).toBe(told.id);
      const scalars = [...readJsonl(join(dir, name))].filter((event) => event.kind === "scalar");
      return { tag: scalars[0]?.tag, values: scalars.map(({ value }) => value) };
    });
    for (const writer of [0, 1, 2]) {
      expect(seen.find(({ tag }) => tag === `loss/${writer}`)?.values).toEqual(values);
    }
  });

  test("wandb offline: a folder for each writer with the run's id; only the primary's ends the run", () => {
    const logs = runFolders(dir).map((folder) => {
      const log = readdirSync(folder).find((name) => name.endsWith(".wandb"))!;
      const { records } = readLog(join(folder, log));
      const run = records.find((record) => record.run)!.run!;
      const writer = [0, 1, 2].find((each) => historyValues(records, `loss/${each}`).length > 0);
      return {
        id: run.runId,
        project: run.project,
        notComplete: records.find((record) => record.exit)!.exit!.notComplete === true,
        writer,
        steps: historyValues(records, "_step"),
        // Rows of a shared run have no step; what the script gave is kept beside.
        global: historyValues(records, "global_step"),
        values:
          writer === undefined ? historyValues(records, "leader") : historyValues(records, `loss/${writer}`),
      };
    });
    const of = (writer: number | undefined) => logs.filter((log) => log.writer === writer);
    const same = { id: told.id, project: "shared", steps: [] };
    expect(of(undefined)).toEqual([
      { ...same, notComplete: false, writer: undefined, global: [7], values: [1] },
    ]);
    for (const writer of [0, 1, 2]) {
      expect(of(writer)).toEqual([{ ...same, notComplete: true, writer, global: values, values }]);
    }
  });

  test("wandb online: one run at the server, each writer's rows in order, finished by the primary", async () => {
    const server = await startWandbServer();
    try {
      const { told } = await run(how, "wandb", {
        options: { config: { settings: { disableStats: true } }, project: "p" },
        env: { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey, WANDB_ENTITY: "tester" },
      });
      await checkServer(server, "p", told, WRITERS, COUNT);
      expect(told.handle).not.toContain(server.apiKey);
      for (const { reports } of told.reports) {
        expect(reports["wandb"]).toMatchObject({ pending: 0, dropped: 0 });
      }
    } finally {
      await server.close();
    }
  });
});

test("a chain of processes, each started by the one before: one run, whose writers all have a file", async () => {
  const dir = tempDir();
  const script = new URL("fixtures/attached-deep.mjs", import.meta.url);
  const { code, stdout, said } = await runScript(script, { args: [dir] });
  expect([code, said]).toEqual([0, []]);
  const told = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as [number, string, Reports]);
  // The innermost ends first.
  expect(told.map(([level]) => level)).toEqual([3, 2, 1, 0]);
  expect(new Set(told.map(([, id]) => id)).size).toBe(1);
  for (const [, , reports] of told) {
    for (const report of Object.values(reports)) expect(report).toMatchObject({ synced: 1001, dropped: 0 });
  }
  const folder = join(dir, "runs", `deep-${told[0]![1]}`);
  for (const level of [0, 1, 2, 3]) {
    const expected = Array.from({ length: 1000 }, (_, step) => ({ step, value: step }));
    expect([...readScalars(folder, `loss/${level}`)]).toEqual(expected);
  }
});

describe("8 processes", () => {
  test("offline and tracelet sync: all rows in one run, each writer's in its order; event files in one folder", async () => {
    const server = await startWandbServer();
    try {
      const wandb = { mode: "offline", entity: "tester" };
      const job = { writers: 8, options: { config: { wandb }, project: "p" } };
      const { dir, told } = await run("fork", ["wandb", "tensorboard"], job);
      checkEventFiles(join(dir, "runs", `joined-${told.id}`), 8, COUNT);
      const env = { ...emptyHome(dir), WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
      const synced = await runCommand(["sync"], dir, env);
      expect(synced.code, synced.stderr).toBe(0);
      await checkServer(server, "p", told, 8, COUNT);
    } finally {
      await server.close();
    }
  });
});

describe("a run of wandb.init", () => {
  const start = async (options: object, env: Record<string, string> = {}) => {
    const dir = tempDir();
    const settings = { disableStats: true, console: "off" };
    const ended = await runScript(new URL("fixtures/joined-native.mjs", import.meta.url), {
      args: [JSON.stringify({ settings, ...options })],
      env: { HOME: join(dir, "home"), ...env },
      cwd: dir,
    });
    expect(ended.code, ended.stderr).toBe(0);
    return ended.stdout;
  };

  test("in shared mode is joined by its handle, and by those who are in its context", async () => {
    const server = await startWandbServer();
    try {
      const key = { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
      const stdout = await start({ id: "n1", mode: "shared", entity: "tester" }, key);
      expect(JSON.parse(stdout.trim().split("\n").at(-1)!)).toMatchObject({ codes: [0, 0] });
      expect(stdout).not.toContain(server.apiKey);
      const run = await server.snapshot("tester", "p", "n1");
      expect(run).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
      const rows = run.history.map(({ _timestamp, _runtime, ...row }) => row);
      expect(rows).toHaveLength(3);
      expect(rows).toEqual(
        expect.arrayContaining([{ lead: 1 }, { joined: 1, global_step: 5 }, { context: 1 }]),
      );
    } finally {
      await server.close();
    }
  });

  test("with one writer says how to share it", async () => {
    expect(await start({ mode: "offline" })).toMatch(/this run has one writer/);
  });
});
