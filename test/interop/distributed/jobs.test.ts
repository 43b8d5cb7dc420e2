import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tempDir } from "../../support/temp-dir.js";
import { readLog } from "../../support/wandb-log.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { type Expected, JOBS } from "../../unit/distributed/policy-table.js";
import { mpirun, single, TRAIN, torchrun } from "./launch.js";
import { foldersOf, losses, runsOf, sendAll, uploadAll } from "./uploaded.js";

// Real jobs of real launchers train the digits together and log to offline W&B, which the official client uploads. What the
// server then holds is what the table of the unit tests says of the same job.

const EPOCHS = 2;
const ARGS = ["--backend", "wandb,jsonl", "--epochs", String(EPOCHS)];
const STEPS = EPOCHS * Math.floor(Math.floor(1_442 / 4) / 32); // 1,442 pictures, 4 ranks, batches of 32

async function server(): Promise<WandbServer> {
  const started = await startWandbServer();
  onTestFinished(() => started.close());
  return started;
}

/** Runs, ids, groups and every row of a job that has ended, uploaded by the official client and by `tracelet sync`. */
async function expectJob(dir: string, output: string, ranks: readonly Expected[], id: string): Promise<void> {
  const folders = foldersOf(output);
  const logging = ranks.flatMap((expected, rank) => (expected === null ? [] : [{ ...expected, rank }]));
  expect([...folders.keys()].toSorted()).toEqual(logging.map(({ rank }) => rank));
  const speaking = logging.filter((rank) => !("label" in rank) || rank.primary);
  const uploaded = await server();
  await uploadAll(
    uploaded,
    dir,
    speaking.map(({ rank }) => folders.get(rank)!),
  );
  const sent = await server();
  await sendAll(sent, dir);
  for (const target of [uploaded, sent]) await expectRuns(target, dir, logging, ranks, id);
}

async function expectRuns(
  target: WandbServer,
  dir: string,
  logging: readonly (NonNullable<Expected> & { readonly rank: number })[],
  ranks: readonly Expected[],
  id: string,
): Promise<void> {
  const runs = await runsOf(target);
  const named = (text: string) => text.replace(/^base/, id);
  expect([...runs.keys()].toSorted()).toEqual([...new Set(logging.map((rank) => named(rank.id)))].toSorted());
  for (const [runId, run] of runs) {
    const writers = logging.filter((rank) => named(rank.id) === runId);
    const [first] = writers;
    const group = first !== undefined && "group" in first ? first.group : undefined;
    expect(run.group ?? undefined, runId).toBe(group === undefined ? undefined : named(group));
    expect(run, runId).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });
    expect(run.config["worldSize"]).toEqual({ value: ranks.length });
    for (const { rank } of writers) {
      const logged = losses(dir, rank);
      expect(logged).toHaveLength(STEPS);
      const rows = run.history.filter((row) => `rank-${rank}/loss` in row);
      expect(
        rows.map((row) => row[`rank-${rank}/loss`]),
        `${runId} rank ${rank}`,
      ).toEqual(logged);
      // The rows of a shared run have no step of their own.
      const step = writers.length > 1 || "label" in writers[0]! ? "global_step" : "_step";
      expect(rows.map((row) => row[step])).toEqual(logged.map((_, index) => index + 1));
    }
    const keys = new Set(
      run.history.flatMap((row) => Object.keys(row).filter((key) => key.endsWith("/loss"))),
    );
    expect([...keys].toSorted()).toEqual(writers.map(({ rank }) => `rank-${rank}/loss`));
  }
  // What a rank that does not log would have written is nowhere.
  for (const [rank, expected] of ranks.entries())
    if (expected === null) expect(losses(dir, rank)).toEqual([]);
}

const launched = JOBS.filter(({ shape }) => shape === "1x4" || shape === "2x2");

test.for(launched)("torchrun $shape $mode $scope", async ({ shape, mode, scope, ranks }) => {
  const folder = tempDir();
  const [nodes, each] = shape.split("x").map(Number) as [number, number];
  const env = { TRACELET_RUN_MODE: mode, TRACELET_RANK_SCOPE: scope };
  const output = await torchrun({ script: TRAIN, args: ARGS, folder, env }, nodes, each, "job7");
  await expectJob(folder, output, ranks, "torchrun-job7");
});

const oneNode = (mode: string) =>
  JOBS.find((job) => job.shape === "1x4" && job.mode === mode && job.scope === "global")!.ranks;

test.for(["auto", "shared", "new"])(
  "mpirun -np 4, %s: the ranks agree on an id by themselves",
  async (mode) => {
    const folder = tempDir();
    const env = { TRACELET_RUN_MODE: mode };
    const output = await mpirun({ script: TRAIN, args: ARGS, folder, env }, 4);
    const ids = new Set([...output.matchAll(/of run (mpi-[a-z0-9]{8})/g)].map(([, id]) => id!));
    expect([...ids]).toHaveLength(1);
    await expectJob(folder, output, oneNode(mode), [...ids][0]!);
  },
);

test.for(["auto", "shared", "new"])("Node's cluster, %s: told its ranks and an id", async (mode) => {
  const folder = tempDir();
  const env = { TRACELET_RUN_MODE: mode, TRACELET_RUN_ID: "cluster7" };
  const script = join(import.meta.dirname, "cluster.mjs");
  const output = await single({ script, args: ["4", TRAIN, ...ARGS], folder, env });
  await expectJob(folder, output, oneNode(mode), "cluster7");
});

// The official client writes system metrics of an offline run from the stream's beginning, so that of several writers' samples
// those of the last one uploaded, and what reaches beyond them, stay. The rows go behind each other.
test("the writers of a shared run are told apart by their labels", async () => {
  const folder = tempDir();
  const script = join(import.meta.dirname, "sampled.mjs");
  const output = await mpirun({ script, args: [], folder, env: { TRACELET_RUN_MODE: "shared" } }, 4);
  const labelsOf = (keys: readonly string[]) => [
    ...new Set(keys.flatMap((key) => /\/l:(.*)$/.exec(key)?.[1] ?? [])),
  ];
  const folders = foldersOf(output);
  for (const [rank, run] of folders) {
    const log = readdirSync(run).find((name) => name.endsWith(".wandb"))!;
    const keys = readLog(join(run, log)).records.flatMap(({ stats }) =>
      (stats?.item ?? []).map(({ key }) => key!),
    );
    expect(keys.length).toBeGreaterThan(0);
    expect(labelsOf(keys)).toEqual([`rank-${rank}`]);
  }

  const target = await server();
  await uploadAll(target, folder, [folders.get(0)!]);
  const runs = await runsOf(target);
  expect(runs.size).toBe(1);
  const [run] = runs.values();
  expect(labelsOf(run!.events.flatMap((event) => Object.keys(event)))).toContain("rank-0");
  expect(run).toMatchObject({ state: "finished", exitCode: 0 });
  expect(run!.history).toHaveLength(80);
});
