import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { readScalars } from "../support/run-files.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";
import { startWandbServer } from "../support/wandb-server/server.js";

// Several writers of one run: forks and cluster workers, which find the handle in their environment, and threads.

const JOINED = new URL("fixtures/joined.mjs", import.meta.url);
const COUNT = 5_000;
const KINDS = ["fork", "cluster", "thread"] as const;

interface Told {
  readonly id: string;
  readonly handle: string;
  readonly reports: readonly {
    readonly writer: number;
    readonly id: string;
    readonly reports: {
      readonly [backend: string]: {
        readonly synced: number;
        readonly pending: number;
        readonly dropped: number;
      };
    };
  }[];
}

async function runJoined(
  how: (typeof KINDS)[number],
  backend: string | readonly string[],
  options: {
    readonly writers?: number;
    readonly env?: Record<string, string>;
    readonly options?: object;
  } = {},
): Promise<{ dir: string; told: Told; said: readonly string[] }> {
  const dir = tempDir();
  const writers = options.writers ?? 3;
  const ended = await runScript(JOINED, {
    args: [JSON.stringify({ how, writers, count: COUNT, backend, options: options.options ?? {} })],
    env: { HOME: join(dir, "home"), ...options.env },
    cwd: dir,
  });
  expect(ended.code, ended.stderr).toBe(0);
  return { dir, told: JSON.parse(ended.stdout.trim().split("\n").at(-1)!) as Told, said: ended.said };
}

const values = Array.from({ length: COUNT }, (_, step) => step);
const points = values.map((step) => ({ step, value: step }));

describe.each(KINDS)("%s", (how) => {
  test("tensorboard and jsonl: a file for each writer, in the run's folder and beside the run's file", async () => {
    const { dir, told, said } = await runJoined(how, ["tensorboard", "jsonl"]);
    expect(said).toEqual([]);
    expect(readdirSync(join(dir, "runs"))).toEqual([`joined-${told.id}`]);
    const folder = join(dir, "runs", `joined-${told.id}`);
    const labels = readdirSync(folder)
      .filter((name) => name.includes("tfevents"))
      .map((name) => name.split(".").at(-1)!);
    expect(new Set(labels).size).toBe(4);
    expect(labels).toContain("primary");
    for (const writer of [0, 1, 2]) {
      expect([...readScalars(folder, `loss/${writer}`)]).toEqual(points);
    }
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

  test("wandb offline: a folder for each writer with the run's id; only the primary's ends the run", async () => {
    const { dir, told } = await runJoined(how, "wandb", {
      options: { config: { mode: "offline", settings: { disableStats: true } }, project: "shared" },
    });
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
      const { told } = await runJoined(how, "wandb", {
        options: { config: { settings: { disableStats: true } }, project: "p" },
        env: { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey, WANDB_ENTITY: "tester" },
      });
      const run = await server.snapshot("tester", "p", told.id);
      expect(run).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
      for (const writer of [0, 1, 2]) {
        const rows = run.history.filter((row) => row[`loss/${writer}`] !== undefined);
        expect(rows.map((row) => row[`loss/${writer}`])).toEqual(values);
        expect(rows.map((row) => row["global_step"])).toEqual(values);
      }
      expect(run.history).toHaveLength(3 * COUNT + 1);
      expect(told.handle).not.toContain(server.apiKey);
      for (const { reports } of told.reports) {
        expect(reports["wandb"]).toMatchObject({ pending: 0, dropped: 0 });
      }
    } finally {
      await server.close();
    }
  });
});
