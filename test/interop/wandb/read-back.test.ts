import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Api, type ApiArtifact, type ApiRun, type Pages } from "#backends/wandb/index.js";
import { pythonPath } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { ensureProject } from "../../support/wandb-server/store.js";
import { clientEnvironment } from "./official-client.js";

// One official run fills the server; then the official `wandb.Api` and ours read it, and must read the same.

const official = (name: string) => new URL(`./official/${name}`, import.meta.url).pathname;
const PROJECT = "tester/differential";

let server: WandbServer;
let folder: string;
let theirs: { readonly [name: string]: unknown };
let api: Api;

beforeAll(async () => {
  server = await startWandbServer();
  folder = await mkdtemp(join(tmpdir(), "read-back-"));
  const environment = clientEnvironment(server, folder);
  const python = await pythonPath();
  const wrote = await runProgram(python, [official("online_run.py")], folder, environment);
  expect(wrote.code, wrote.stderr).toBe(0);
  const project = ensureProject(server.store, "tester", "differential");
  project.sweeps.set("sw1", {
    id: "U3dlZXA6MQ==",
    name: "sw1",
    displayName: null,
    state: "FINISHED",
    config:
      "method: grid\nname: search\nmetric:\n  name: best\n  goal: maximize\nparameters:\n  lr:\n    values: [1, 2]\n",
    createdAt: "2026-01-01T00:00:00Z",
    bestLoss: 3,
    runCountExpected: 2,
  });
  project.runs.get("online")!.sweep = "sw1";
  const read = await runProgram(python, [official("read_back.py")], folder, environment);
  expect(read.code, read.stderr).toBe(0);
  theirs = JSON.parse(/^SEEN (.*)$/m.exec(read.stdout)![1]!) as typeof theirs;
  process.env["WANDB_CACHE_DIR"] = join(folder, "our-cache");
  api = new Api({ baseUrl: server.url, apiKey: server.apiKey });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** As the Python side prints values. */
function plain(value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value;
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const sorted = async <Item>(pages: Pages<Item>, name: (item: Item) => string): Promise<string[]> =>
  (await pages.toArray()).map(name).sort();

async function runFacts(run: ApiRun): Promise<unknown> {
  const { id, name, entity, project, state, config, summary, tags, jobType, createdAt, storageId } = run;
  const files = (await run.files().toArray()).map((file) => [file.name, file.size, file.mimetype, file.md5]);
  return plain({
    ...{ id, name, entity, project, state, config, summary, tags, createdAt, storageId },
    notes: run.notes ?? null,
    group: run.group ?? null,
    jobType: jobType ?? null,
    sweepName: run.sweepName ?? null,
    systemMetrics: run.systemMetrics,
    lastHistoryStep: await run.lastHistoryStep(),
    history: await run.history(),
    system: await run.history({ stream: "system" }),
    loss: await run.history({ keys: ["loss"] }),
    sampled: await run.history({ keys: ["loss"], samples: 2 }),
    scan: await all(run.scanHistory({ pageSize: 3 })),
    scanLoss: await all(run.scanHistory({ keys: ["loss"] })),
    scanRange: await all(run.scanHistory({ minStep: 2, maxStep: 5 })),
    files: files.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    pattern: await sorted(run.files({ pattern: "%.json" }), (file) => file.name),
    logs: (await run.logs().toArray()).map(({ number, level, line }) => [number, level ?? "", line]),
    tail: (await run.logs({ tail: 2 }).toArray()).map(({ number }) => number),
    metadata: (await run.metadata()) ?? null,
    logged: await sorted(run.loggedArtifacts(), (artifact) => artifact.name),
    used: await sorted(run.usedArtifacts(), (artifact) => artifact.name),
  });
}

async function artifactFacts(artifact: ApiArtifact): Promise<unknown> {
  const { id, name, qualifiedName, type, version, aliases, tags, metadata, state } = artifact;
  const { size, digest, commitHash, fileCount, createdAt } = artifact;
  return {
    ...{ id, name, qualifiedName, type, version, metadata, state, size, digest, commitHash, fileCount },
    createdAt,
    description: artifact.description ?? null,
    historyStep: artifact.historyStep ?? null,
    aliases: [...aliases].sort(),
    tags: [...tags].sort(),
    entries: Object.fromEntries(
      (await artifact.files()).map(({ path, digest: each, size: bytes, ref }) => [
        path,
        [each, bytes ?? 0, ref ?? null],
      ]),
    ),
  };
}

test("runs: fields, history in every form, files, logs, artifacts", async () => {
  const found = Object.fromEntries(
    await Promise.all(
      (await api.runs(PROJECT, { perPage: 2 }).toArray()).map(
        async (run) => [run.id, await runFacts(run)] as const,
      ),
    ),
  );
  expect(Object.keys(found)).toEqual(["online", "allowed"]);
  expect(found).toEqual(theirs["runs"]);
});

test("lists of runs: count, order, filters", async () => {
  const ids = (pages: Pages<ApiRun>) => all(pages).then((runs) => runs.map(({ id }) => id));
  expect(await api.runs(PROJECT).length()).toBe(theirs["runCount"]);
  expect(await ids(api.runs(PROJECT, { order: "-created_at" }))).toEqual(theirs["newestFirst"]);
  const filters = { $or: [{ "config.lr": 0.1 }, { state: "failed" }] };
  expect(await ids(api.runs(PROJECT, { filters }))).toEqual(theirs["filtered"]);
});

test("an artifact: fields, entries, lineage, its collection and type", async () => {
  const artifact = await api.artifact(`${PROJECT}/ds:best`);
  expect(await artifactFacts(artifact)).toEqual(theirs["artifact"]);
  expect((await artifact.loggedBy())?.id).toBe(theirs["loggedBy"]);
  expect((await artifact.usedBy()).map(({ id }) => id)).toEqual(theirs["usedBy"]);
  const versions = await api.artifacts("dataset", `${PROJECT}/ds`).toArray();
  expect(versions.map(({ name }) => name)).toEqual(theirs["versions"]);
  expect(await sorted(api.artifactTypes(PROJECT), ({ name }) => name)).toEqual(theirs["types"]);
  expect(await sorted(api.artifactCollections(PROJECT, "dataset"), ({ name }) => name)).toEqual(
    theirs["collections"],
  );
  expect([
    await api.artifactExists(`${PROJECT}/ds:best`),
    await api.artifactExists(`${PROJECT}/ds:none`),
  ]).toEqual(theirs["exists"]);
});

test("a download has the files of the official one, and either cache serves the other client", async () => {
  const artifact = await api.artifact(`${PROJECT}/ds:best`);
  const root = await artifact.download({ root: join(folder, "ours") });
  const files = (await readdir(root, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  const names = files.map((file) => join(file.parentPath, file.name).slice(root.length + 1)).sort();
  expect(names).toEqual(theirs["files"]);
  for (const name of names) {
    const one = await readFile(join(root, name));
    expect(one.equals(await readFile(join(folder, "official-download", name))), name).toBe(true);
  }
  await artifact.verify(root);

  const entry = await (await artifact.getEntry("n.txt")).download({ root: join(folder, "entry") });
  expect(await readFile(entry, "utf8")).toBe(theirs["entry"]);

  // The official client has put the files into its cache: nothing has to be fetched for another folder.
  process.env["WANDB_CACHE_DIR"] = join(folder, ".client", "cache");
  const before = server.requests.length;
  await artifact.download({ root: join(folder, "from-their-cache") });
  const fetched = server.requests.slice(before).filter(({ host }) => host === "storage");
  expect(fetched.map(({ path }) => path)).toEqual([]);

  // And the other way: what ours has put there serves the official client.
  const script =
    "import wandb\nwandb.Api().artifact('tester/differential/ds:best').download(root='from-our-cache')";
  const environment = { ...clientEnvironment(server, folder), WANDB_CACHE_DIR: join(folder, "our-cache") };
  const then = server.requests.length;
  const ended = await runProgram(await pythonPath(), ["-c", script], folder, environment);
  expect(ended.code, ended.stderr).toBe(0);
  const paths = server.requests.slice(then).flatMap(({ host, path }) => (host === "storage" ? [path] : []));
  expect(paths.filter((path) => !path.endsWith("wandb_manifest.json"))).toEqual([]);
});

test("a table of an artifact", async () => {
  const artifact = await api.artifact(`${PROJECT}/run-online-table:v0`);
  const table = await artifact.get("table");
  expect([table.columns, table.data]).toEqual(theirs["table"]);
});

test("sweeps, projects, whose key it is", async () => {
  const sweep = await api.sweep(`${PROJECT}/sw1`);
  const { id, name, state, config, order, expectedRunCount } = sweep;
  const runs = (await sweep.runs().toArray()).map((run) => run.id);
  const best = (await sweep.bestRun())?.id;
  expect([id, name, state, config, order, expectedRunCount, best, runs]).toEqual(theirs["sweep"]);
  expect((await api.sweeps(PROJECT).toArray()).map((each) => each.id)).toEqual(theirs["sweeps"]);
  expect((await api.projects("tester").toArray()).map((each) => each.name)).toEqual(theirs["projects"]);
  const { username, email, entity } = await api.viewer();
  expect([username, email, entity]).toEqual(theirs["viewer"]);
  expect(await api.defaultEntity()).toBe(theirs["defaultEntity"]);
});

test("changes that are sent are those the official client reads", async () => {
  const run = await api.run(`${PROJECT}/online`);
  run.tags.push("ours");
  run.notes = "changed";
  run.config["added"] = { deep: [1, 2] };
  run.summary["accuracy"] = 0.75;
  await run.update();
  const artifact = await api.artifact(`${PROJECT}/ds:best`);
  artifact.aliases.push("ours");
  artifact.tags = ["checked"];
  artifact.description = "better";
  artifact.metadata["rows"] = 10;
  await artifact.save();
  await (await api.run(`${PROJECT}/allowed`)).useArtifact(artifact);

  const script = [
    "import json, wandb",
    "api = wandb.Api()",
    "run = api.run('tester/differential/online')",
    "found = api.artifact('tester/differential/ds:ours')",
    "print('SEEN ' + json.dumps([run.tags, run.notes, run.config['added'], run.summary['accuracy'], found.version,",
    "  found.tags, found.description, found.metadata, sorted(user.id for user in found.used_by())]))",
  ].join("\n");
  const environment = clientEnvironment(server, folder);
  const read = await runProgram(await pythonPath(), ["-c", script], folder, environment);
  expect(JSON.parse(/^SEEN (.*)$/m.exec(read.stdout)?.[1] ?? read.stderr)).toEqual([
    ["t1", "zz", "ours"],
    "changed",
    { deep: [1, 2] },
    0.75,
    artifact.version,
    ["checked"],
    "better",
    { k: 1, rows: 10 },
    ["allowed", "online"],
  ]);
});
