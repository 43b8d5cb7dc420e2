import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Api, downloadRun } from "#backends/wandb/index.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { writeLines } from "../../../../support/wandb-server/line-file.js";
import { startWandbServer, type WandbServer } from "../../../../support/wandb-server/server.js";
import { createRun, ensureProject, type Run } from "../../../../support/wandb-server/store.js";
import { blobOf, md5Of, storeArtifact } from "../../../../support/wandb-server/stored-artifact.js";

let server: WandbServer;
let api: Api;

beforeEach(async () => {
  server = await startWandbServer();
  api = new Api({ baseUrl: server.url, apiKey: server.apiKey });
  vi.stubEnv("WANDB_ENTITY", "");
  vi.stubEnv("WANDB_PROJECT", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

/** A run of `tester/p` as it lies on the server. */
function storeRun(name: string, rows: readonly string[] = [], changes: Partial<Run> = {}): Run {
  const run = createRun(server.store, ensureProject(server.store, "tester", "p"), name);
  writeLines(run.history, "", 0, rows);
  return Object.assign(run, { state: "finished" }, changes);
}

function storeFile(run: Run, name: string, content: string): void {
  run.files.set(name, { name, blob: blobOf(content), updatedAt: new Date().toISOString() });
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const asked = (operation: string) => server.requests.filter((request) => request.operation === operation);

describe("where things are", () => {
  test.each([
    "tester/p/r1",
    "/tester/p/r1",
    "p/r1",
    "tester/p/runs/r1",
    "p/runs/r1",
    "p:r1",
    "tester/p:r1",
    "http://127.0.0.1:9/tester/p/runs/r1?workspace=user",
    "http://127.0.0.1:9/tester/p/runs/r1/files/media",
  ])("%s is the run", async (path) => {
    storeRun("r1");
    expect((await api.run(path)).path).toBe("tester/p/r1");
  });

  test("a page of a project is the project, and an address that is none is said to be", async () => {
    storeRun("r1");
    const runs = api.runs("http://127.0.0.1:9/tester/p/workspace?nw=x");
    expect((await runs.toArray()).map(({ id }) => id)).toEqual(["r1"]);
    for (const path of ["http://", "https://x/tester/p/runs/%zz", "http://127.0.0.1:9/tester/p/a/b/c"])
      await expect(api.run(path)).rejects.toMatchObject({ code: "invalid-value" });
  });

  test("defaults come from options, then the environment, then the key", async () => {
    storeRun("r1");
    const project = new Api({ baseUrl: server.url, apiKey: server.apiKey, project: "p" });
    expect((await project.run("r1")).id).toBe("r1");
    vi.stubEnv("WANDB_PROJECT", "p");
    vi.stubEnv("WANDB_BASE_URL", `${server.url}/`);
    vi.stubEnv("WANDB_API_KEY", server.apiKey);
    expect((await new Api().run("r1")).entity).toBe("tester");
    vi.stubEnv("WANDB_ENTITY", "other");
    await expect(new Api().run("r1")).rejects.toMatchObject({ message: /no run other\/p\/r1/ });
  });

  test.each(["", "/", "a/b/c/d"])("%j is no path", async (path) => {
    await expect(api.run(path)).rejects.toMatchObject({ code: "invalid-value" });
  });

  test("what is not there is said to be not there", async () => {
    storeRun("r1");
    await expect(api.run("p/none")).rejects.toMatchObject({
      code: "invalid-value",
      message: /no run tester\/p\/none/,
    });
    await expect(api.runs("none").toArray()).rejects.toMatchObject({ code: "invalid-value" });
    await expect(api.artifact("p/none")).rejects.toMatchObject({
      message: /no artifact tester\/p\/none:latest/,
    });
    await expect(api.sweep("p/none")).rejects.toMatchObject({ message: /no sweep/ });
    await expect(api.artifacts("t", "p/none").toArray()).rejects.toMatchObject({ message: /no collection/ });
    expect([await api.runExists("p/r1"), await api.runExists("p/none")]).toEqual([true, false]);
  });

  test("a missing or refused key is said, and never shown", async () => {
    vi.stubEnv("WANDB_API_KEY", "");
    vi.stubEnv("HOME", tempDir());
    expect(() => new Api({ baseUrl: server.url })).toThrow(/no API key/);
    const wrong = "f".repeat(40);
    const refused = new Api({ baseUrl: server.url, apiKey: wrong }).run("p/r1");
    await expect(refused).rejects.toMatchObject({ code: "invalid-option", message: /refuses the API key/ });
    await expect(refused).rejects.not.toThrow(wrong);
  });
});

describe("lists", () => {
  test("are read page by page, as far as they are gone through", async () => {
    for (let i = 0; i < 7; i++) storeRun(`r${i}`);
    const pages = api.runs("p", { perPage: 3 });
    expect((await all(pages)).map(({ id }) => id)).toEqual(["r0", "r1", "r2", "r3", "r4", "r5", "r6"]);
    expect(asked("Runs").map(({ variables }) => variables!["cursor"])).toEqual([undefined, "2", "5"]);
    expect(await pages.length()).toBe(7);
    expect((await all(api.runs("p", { perPage: 3, limit: 4 }))).length).toBe(4);
    const before = asked("Runs").length;
    for await (const run of pages) if (run.id === "r1") break;
    expect(asked("Runs").length).toBe(before + 1);
  });

  test("pass filters and order on as they are", async () => {
    storeRun("r1");
    const filters = { $and: [{ "config.lr": { $gt: 0.1 } }, { displayName: { $regex: "^a.*" } }], tags: "x" };
    await api.runs("p", { filters, order: "-summary_metrics.loss" }).toArray();
    const { variables } = asked("Runs")[0]!;
    expect(JSON.parse(variables!["filters"] as string)).toEqual(filters);
    expect(variables!["order"]).toBe("-summary_metrics.loss");
  });

  test("that lead in a circle are an error instead of a loop", async () => {
    const stored = storeRun("r1");
    const node = { id: "x", name: stored.name, state: "finished", createdAt: "" };
    let next = 0;
    const change = () => ({
      data: {
        project: {
          runs: { edges: [{ node }], pageInfo: { endCursor: "abc"[next++ % 3], hasNextPage: true } },
        },
      },
    });
    server.faults.push({ match: { operation: "Runs" }, times: Infinity, action: { kind: "change", change } });
    await expect(api.runs("p").toArray()).rejects.toMatchObject({ code: "backend-failed" });
    expect(asked("Runs").length).toBe(4);
  });

  test("take no numbers that are none", () => {
    for (const options of [
      { perPage: 0 },
      { perPage: 1.5 },
      { limit: -1 },
      { limit: Number.NaN },
      { limit: 2.5 },
    ])
      expect(() => api.runs("p", options)).toThrow(/must be a whole number/);
  });

  test("that do not say where they go on are an error instead of a loop", async () => {
    storeRun("r1");
    const page = { edges: [], pageInfo: { endCursor: "same", hasNextPage: true } };
    const body = JSON.stringify({ data: { project: { runs: page } } });
    const action = { kind: "status", status: 200, body } as const;
    server.faults.push({ match: { operation: "Runs" }, times: Infinity, action });
    await expect(api.runs("p").toArray()).rejects.toMatchObject({ code: "backend-failed" });
    expect(asked("Runs").length).toBe(2);
  });
});

describe("values", () => {
  test("that JSON has no words for are numbers again", async () => {
    storeRun("r1", ['{"_step":0,"a":NaN,"b":-Infinity,"text":"NaN","big":9007199254740993}'], {
      config: '{"lr":{"value":NaN,"desc":null},"_wandb":{"value":{}},"n":{"value":{"x":[Infinity]}}}',
      summary: '{"a":NaN,"_step":0}',
    });
    const run = await api.run("p/r1");
    expect(run.config).toEqual({ lr: Number.NaN, n: { x: [Infinity] } });
    expect(run.summary).toEqual({ a: Number.NaN, _step: 0 });
    expect(await all(run.scanHistory())).toEqual([
      { _step: 0, a: Number.NaN, b: -Infinity, text: "NaN", big: 9007199254740993n },
    ]);
    expect(await run.history({ keys: ["a", "b"] })).toEqual([{ _step: 0, a: Number.NaN, b: -Infinity }]);
  });

  test("are sent when they were changed, and only those", async () => {
    const stored = storeRun("r1", [], {
      summary: '{"loss":1}',
      tags: ["a"],
      config: '{"nan":{"value":NaN},"plain":7,"_wandb":{"value":{"t":{"1":[2]}}}}',
    });
    const run = await api.run("p/r1");
    const sent = () => {
      const { id: _, ...variables } = asked("UpsertBucket").at(-1)!.variables!;
      return variables;
    };
    await run.update();
    expect(asked("UpsertBucket")).toEqual([]);
    run.name = "better";
    run.jobType = "eval";
    run.group = "g";
    await run.update();
    expect(sent()).toEqual({ displayName: "better", jobType: "eval", groupName: "g" });
    run.config["lr"] = 0.5;
    await run.update();
    expect(Object.keys(sent())).toEqual(["config"]);
    // As the official client sends it: what W&B keeps for itself must stay, as a run cannot be resumed without.
    expect(stored.config).toBe(
      '{"_wandb":{"value":{"t":{"1":[2]}}},"nan":{"value":NaN,"desc":null},"plain":{"value":7,"desc":null},"lr":{"value":0.5,"desc":null}}',
    );
    run.summary["loss"] = Number.NaN;
    run.tags = [];
    await run.update();
    expect(sent()).toEqual({ summaryMetrics: '{"loss":NaN}', tags: [] });
    expect([stored.displayName, stored.jobType, stored.group, stored.summary]).toEqual([
      ...["better", "eval", "g", '{"loss":NaN}'],
    ]);
    await run.update();
    expect(asked("UpsertBucket")).toHaveLength(3);
    await run.delete();
    expect(await api.runExists("p/r1")).toBe(false);
  });
});

describe("history", () => {
  test("of 25,000 rows is scanned whole, in order", async () => {
    storeRun(
      "r1",
      Array.from({ length: 25_000 }, (_, i) => `{"_step":${i},"loss":${i / 2}}`),
    );
    const run = await api.run("p/r1");
    let next = 0;
    for await (const row of run.scanHistory()) {
      expect(row["_step"] === next && row["loss"] === next / 2).toBe(true);
      next += 1;
    }
    expect(next).toBe(25_000);
    expect(asked("HistoryPage").length).toBe(25);
    expect((await run.history()).length).toBe(500);
  }, 60_000);

  test("with gaps is scanned whole, and wide gaps in few requests", async () => {
    const steps = [0, 1, 5_000, 2_000_000, ...Array.from({ length: 3_000 }, (_, i) => 2_500_000 + i)];
    storeRun(
      "r1",
      steps.map((step) => `{"_step":${step}}`),
    );
    const run = await api.run("p/r1");
    expect((await all(run.scanHistory())).map((row) => row["_step"])).toEqual(steps);
    expect(asked("HistoryPage").length).toBeLessThan(100);
    const part = await all(run.scanHistory({ minStep: 1, maxStep: 5_000 }));
    expect(part).toEqual([{ _step: 1 }]);
  }, 60_000);

  test("of a run whose steps are milliseconds of the clock is scanned in few requests", async () => {
    const steps = [0, ...Array.from({ length: 5 }, (_, i) => 1_700_000_000_000 + i * 60_000)];
    storeRun(
      "r1",
      steps.map((step) => `{"_step":${step},"a":1}`),
    );
    const run = await api.run("p/r1");
    for (const keys of [[], ["a"]]) {
      server.requests.length = 0;
      expect((await all(run.scanHistory({ keys }))).map((row) => row["_step"])).toEqual(steps);
      expect(server.requests.length).toBeLessThan(400);
      for (const { variables } of asked("HistoryPage")) expect(variables!["pageSize"]).toBeLessThan(2 ** 31);
    }
  });

  test("takes no steps that are none, and says when the run's are too large", async () => {
    storeRun("r1", ['{"_step":1}', '{"_step":9223372036854775807}']);
    const run = await api.run("p/r1");
    for (const options of [{ minStep: -1 }, { maxStep: Number.NaN }, { maxStep: 1.5 }, { pageSize: 0 }])
      await expect(all(run.scanHistory(options))).rejects.toMatchObject({ code: "invalid-value" });
    await expect(all(run.scanHistory())).rejects.toThrow(/steps beyond 2\^53/);
    expect(await all(run.scanHistory({ maxStep: 10 }))).toEqual([{ _step: 1 }]);
  });

  test("is scanned whole where a server picks rows of ranges that are too wide for it", async () => {
    const steps = [0, ...Array.from({ length: 40 }, (_, i) => 300_000 + i), 300_900, 350_000, 350_001];
    storeRun(
      "r1",
      steps.map((step) => `{"_step":${step}}`),
    );
    const where = ({ variables }: { variables?: { readonly [name: string]: unknown } }) =>
      Number(variables?.["pageSize"]) > 10_000;
    // Of the rows of such a range it gives one.
    server.faults.push({
      match: {
        operation: "HistoryPage",
        where(request) {
          if (!where(request)) return false;
          const { minStep, maxStep } = request.variables as { minStep: number; maxStep: number };
          return steps.some((step) => step >= minStep && step < maxStep);
        },
      },
      times: Infinity,
      action: {
        kind: "status",
        status: 200,
        body: JSON.stringify({ data: { project: { run: { rows: ['{"_step":350000}'] } } } }),
      },
    });
    const run = await api.run("p/r1");
    expect((await all(run.scanHistory())).map((row) => row["_step"])).toEqual(steps);
  });

  test("is scanned in pages where a server takes no wider ones", async () => {
    storeRun("r1", ['{"_step":0}', '{"_step":9000}']);
    const refused = { kind: "status", status: 400, body: '{"errors":[{"message":"samples"}]}' } as const;
    const where = ({ variables }: { variables?: { readonly [name: string]: unknown } }) =>
      Number(variables?.["pageSize"]) > 1000;
    server.faults.push({ match: { operation: "HistoryPage", where }, times: Infinity, action: refused });
    const run = await api.run("p/r1");
    expect((await all(run.scanHistory())).map((row) => row["_step"])).toEqual([0, 9000]);
    expect(asked("HistoryPage").length).toBe(11);
  });

  test("of keys has the rows with all of them", async () => {
    storeRun("r1", ['{"_step":0,"a":1}', '{"_step":1,"a":2,"b":3}', '{"_step":2,"b":4}']);
    const run = await api.run("p/r1");
    expect(await all(run.scanHistory({ keys: ["a", "b"] }))).toEqual([{ _step: 1, a: 2, b: 3 }]);
    expect(await all(run.scanHistory({ keys: ["a"], maxStep: 1 }))).toEqual([{ _step: 0, a: 1 }]);
    await expect(run.history({ keys: ["a"], stream: "system" })).rejects.toMatchObject({
      code: "invalid-value",
    });
  });

  test("of a run that logged nothing is empty", async () => {
    storeRun("r1");
    expect(await all((await api.run("p/r1")).scanHistory())).toEqual([]);
  });

  test("is there when a run has finished", async () => {
    const stored = storeRun("r1", [], { state: "running" });
    setTimeout(() => {
      stored.state = "finished";
    }, 60);
    const run = await (await api.run("p/r1")).waitUntilFinished({ pollMs: 10 });
    expect(run.state).toBe("finished");
  });
});

describe("files of a run", () => {
  test("are downloaded, and replaced only when that is asked for", async () => {
    const stored = storeRun("r1");
    storeFile(stored, "dir/a_b.txt", "hello");
    storeFile(stored, "dir/aXb.txt", "other");
    const root = tempDir();
    const file = await (await api.run("p/r1")).file("dir/a_b.txt");
    expect(file.size).toBe(5);
    const path = await file.download({ root });
    expect([path, readFileSync(path, "utf8")]).toEqual([join(root, "dir/a_b.txt"), "hello"]);
    writeFileSync(path, "mine");
    await expect(file.download({ root })).rejects.toMatchObject({
      code: "invalid-value",
      message: /replace/,
    });
    await file.download({ root, existOk: true });
    expect(readFileSync(path, "utf8")).toBe("mine");
    await file.download({ root, replace: true });
    expect(readFileSync(path, "utf8")).toBe("hello");
    await file.delete();
    await expect((await api.run("p/r1")).file("dir/a_b.txt")).rejects.toMatchObject({
      code: "invalid-value",
    });
    expect(
      server.requests.filter(({ host, headers }) => host === "storage" && headers.authorization),
    ).toEqual([]);
  });

  test("that changed since they were listed are listed again", async () => {
    const stored = storeRun("r1");
    storeFile(stored, "output.log", "one");
    const file = await (await api.run("p/r1")).file("output.log");
    const root = tempDir();
    server.faults.push({
      match: { host: "storage" },
      action: { kind: "reply", reply: (response) => response.end("one and two") },
    });
    storeFile(stored, "output.log", "one and two");
    expect(readFileSync(await file.download({ root }), "utf8")).toBe("one and two");
  });

  test("that are endless are cut off", async () => {
    const stored = storeRun("r1");
    storeFile(stored, "a.bin", "hello");
    const reply = (response: import("node:http").ServerResponse) => {
      response.write(Buffer.alloc(1 << 20));
    };
    server.faults.push({ match: { host: "storage" }, times: Infinity, action: { kind: "reply", reply } });
    const root = tempDir();
    const file = await (await api.run("p/r1")).file("a.bin");
    await expect(file.download({ root })).rejects.toMatchObject({ code: "invalid-file" });
    expect(readdirSync(root)).toEqual([]);
  });

  test.each(["../evil", "/tmp/evil", "a/../../evil", "..\\evil", "C:\\evil"])(
    "named %j stay out of everything",
    async (name) => {
      const stored = storeRun("r1");
      storeFile(stored, name, "evil");
      const root = join(tempDir(), "in");
      for await (const file of (await api.run("p/r1")).files()) {
        await expect(file.download({ root })).rejects.toMatchObject({ code: "invalid-file" });
      }
      await expect(
        downloadRun("p/r1", { baseUrl: server.url, apiKey: server.apiKey, path: root }),
      ).rejects.toMatchObject({ code: "invalid-file" });
      expect(readdirSync(join(root, ".."))).toEqual(["in"]);
      expect(readdirSync(root)).toEqual([]);
    },
  );
});

describe("downloadRun", () => {
  const options = () => ({ baseUrl: server.url, apiKey: server.apiKey });

  test("writes files, configuration, summary, and all of the history", async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => `{"_step":${i},"loss":${i % 2 ? "NaN" : i}}`);
    const stored = storeRun("r1", rows, { config: '{"lr":{"value":0.1}}', summary: '{"loss":NaN}' });
    storeFile(stored, "media/x.txt", "x");
    const path = join(tempDir(), "out");
    expect(await downloadRun("tester/p/r1", { ...options(), path })).toBe(path);
    expect(readFileSync(join(path, "media/x.txt"), "utf8")).toBe("x");
    expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8"))).toEqual({ lr: 0.1 });
    expect(readFileSync(join(path, "summary.json"), "utf8")).toBe('{"loss":NaN}');
    const history = readFileSync(join(path, "metrics_history.json"), "utf8").replaceAll("NaN", "null");
    const read = JSON.parse(history) as { readonly _step: number; readonly loss: number | null }[];
    expect(read.map(({ _step }) => _step)).toEqual(rows.map((_, i) => i));
    expect(read[2]!.loss).toBe(2);
  });

  test("leaves out what is empty or not wanted, and overwrites", async () => {
    storeRun("r1", ['{"_step":0}']);
    storeRun("r2");
    const path = tempDir();
    writeFileSync(join(path, "config.json"), "old");
    await downloadRun("p/r1", { ...options(), path, includeHistory: false });
    await downloadRun("p/r2", { ...options(), path });
    expect(readdirSync(path)).toEqual(["config.json"]);
    expect(readFileSync(join(path, "config.json"), "utf8")).toBe("{}");
  });

  test("keeps the run's own files of the names that it writes", async () => {
    const stored = storeRun("r1", ['{"_step":0}'], { config: '{"lr":{"value":1}}', summary: '{"a":1}' });
    for (const name of ["Config.json", "run-config.json", "summary.json"]) storeFile(stored, name, "own");
    const path = await downloadRun("p/r1", { ...options(), path: tempDir() });
    const read = (name: string) => readFileSync(join(path, name), "utf8");
    for (const name of ["Config.json", "run-config.json", "summary.json"]) expect(read(name)).toBe("own");
    expect(read("run-run-config.json")).toBe('{"lr":1}');
    expect(read("run-summary.json")).toBe('{"a":1}');
    expect(read("metrics_history.json")).toBe('[\n{"_step":0}\n]\n');
  });

  test("goes to the folder for temporary files by default", async () => {
    const root = tempDir();
    vi.stubEnv("TMPDIR", root);
    expect(tmpdir()).toBe(root);
    storeRun("r1");
    expect(await downloadRun("p/r1", options())).toBe(join(root, "wandb_runs", "r1"));
  });

  test("says what failed", async () => {
    const stored = storeRun("r1", ['{"_step":0}'], { summary: '{"a":1}' });
    storeFile(stored, "a.txt", "a");
    const blocked = join(tempDir(), "file");
    writeFileSync(blocked, "");
    const path = tempDir();
    await expect(downloadRun("p/r1", { ...options(), path: join(blocked, "in") })).rejects.toThrow(
      /Cannot create the folder/,
    );
    const wrong = { ...options(), apiKey: "0".repeat(40) };
    await expect(downloadRun("p/r1", wrong)).rejects.toThrow(/refuses the API key/);
    await expect(downloadRun("p/none", options())).rejects.toThrow(/no run tester\/p\/none/);
    server.faults.push({ match: { host: "storage" }, times: 9, action: { kind: "status", status: 404 } });
    await expect(downloadRun("p/r1", { ...options(), path })).rejects.toThrow(/Cannot download "a.txt"/);
    server.faults.length = 0;
    mkdirSync(join(path, "summary.json", "x"), { recursive: true });
    await expect(downloadRun("p/r1", { ...options(), path })).rejects.toThrow(/Cannot write the summary/);
    const other = tempDir();
    mkdirSync(join(other, "metrics_history.json", "x"), { recursive: true });
    await expect(downloadRun("p/r1", { ...options(), path: other })).rejects.toThrow(
      /Cannot write the history/,
    );
  });

  test("does not write through links that are in the folder", async () => {
    const stored = storeRun("r1", ['{"_step":0}'], { summary: '{"a":1}' });
    storeFile(stored, "dir/a.txt", "a");
    const folder = tempDir();
    const path = join(folder, "out");
    mkdirSync(join(folder, "outside"));
    mkdirSync(path);
    writeFileSync(join(folder, "victim"), "mine");
    symlinkSync(join(folder, "victim"), join(path, "config.json"));
    symlinkSync(join(folder, "outside"), join(path, "dir"));
    await expect(downloadRun("p/r1", { ...options(), path })).rejects.toMatchObject({ code: "invalid-file" });
    expect(readdirSync(join(folder, "outside"))).toEqual([]);
    stored.files.clear();
    await downloadRun("p/r1", { ...options(), path });
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("mine");
    expect(readFileSync(join(path, "config.json"), "utf8")).toBe("{}");
  });
});

describe("artifacts", () => {
  beforeEach(() => {
    vi.stubEnv("WANDB_CACHE_DIR", tempDir());
  });

  test("are found by alias and version, of the type that is asked for", async () => {
    storeArtifact(server.store, "ds", { "a.txt": "one" });
    storeArtifact(server.store, "ds", { "a.txt": "two" });
    expect((await api.artifact("p/ds")).version).toBe("v1");
    expect((await api.artifact("p/ds:v0")).qualifiedName).toBe("tester/p/ds:v0");
    await expect(api.artifact("p/ds", { type: "model" })).rejects.toMatchObject({
      message: /of type "dataset"/,
    });
    expect(await api.artifactExists("p/ds", { type: "model" })).toBe(false);
  });

  test("verify tells what differs", async () => {
    storeArtifact(server.store, "ds", { "a.txt": "one", "b.txt": "two" });
    const artifact = await api.artifact("p/ds");
    const root = await artifact.download({ root: tempDir() });
    await artifact.verify(root);
    writeFileSync(join(root, "a.txt"), "ONE");
    writeFileSync(join(root, "c.txt"), "three");
    await expect(artifact.verify(root)).rejects.toMatchObject({
      code: "invalid-file",
      message: /not of the artifact: "c.txt"; changed: "a.txt"/,
    });
    await artifact.download({ root });
    expect(readFileSync(join(root, "a.txt"), "utf8")).toBe("one");
  });

  test("an entry is downloaded alone, a table is read with its NaN", async () => {
    const table = '{"columns":["a","b"],"data":[[1,NaN],["x",null]],"ncols":2}';
    storeArtifact(server.store, "ds", { "a.txt": "one", "t.table.json": table });
    const artifact = await api.artifact("p/ds");
    const root = tempDir();
    const entry = await artifact.getEntry("a.txt");
    expect(entry.digest).toBe(md5Of("one"));
    expect(await entry.download({ root })).toBe(join(root, "a.txt"));
    expect(readdirSync(root)).toEqual(["a.txt"]);
    expect(await artifact.get("t")).toEqual({
      columns: ["a", "b"],
      data: [
        [1, Number.NaN],
        ["x", null],
      ],
    });
    await expect(artifact.getEntry("none")).rejects.toMatchObject({ code: "invalid-value" });
    expect(existsSync("artifacts")).toBe(false);
  });

  test("changes are sent: aliases, tags, ttl, links, deletion", async () => {
    const stored = storeArtifact(server.store, "ds", { "a.txt": "one" });
    const artifact = await api.artifact("p/ds");
    expect(artifact.aliases).toEqual(["latest"]);
    artifact.aliases.push("best");
    artifact.tags.push("checked");
    artifact.ttl = 3600;
    await artifact.save();
    expect([...stored.aliases.get(stored.collection.id)!]).toEqual(["latest", "best"]);
    expect([[...stored.tags], stored.ttlDurationSeconds]).toEqual([["checked"], 3600]);
    artifact.aliases = ["latest"];
    await artifact.save();
    expect([...stored.aliases.get(stored.collection.id)!]).toEqual(["latest"]);
    await artifact.link("tester/registry/models", ["prod"]);
    const linked = await api.artifact("tester/registry/models:prod");
    expect([linked.id, linked.isLink, linked.sourceQualifiedName, artifact.isLink]).toEqual([
      artifact.id,
      true,
      "tester/p/ds:v0",
      false,
    ]);
    await artifact.delete({ deleteAliases: true });
    expect(await api.artifactExists("p/ds:v0")).toBe(false);
  });
});
