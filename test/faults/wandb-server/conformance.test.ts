import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createRunSender } from "#backends/wandb/sender/run-sender.js";
import { openServer } from "#backends/wandb/server/server.js";
import { TransactionLog } from "#backends/wandb/transaction-log/writer.js";
import { always, makeOfflineLog, type OfflineLog } from "./offline-log.js";

// Lines of the reference's conformance checklist (its appendix B) that no other test shows.

let log: OfflineLog;
beforeAll(async () => {
  log = await makeOfflineLog();
});
afterAll(() => log.close());

test("entity, project and run are named as in the answer to the first upsert", async () => {
  const from = log.server.requests.length;
  always(log, {
    match: { operation: "UpsertBucket" },
    action: {
      kind: "change",
      change(json) {
        const { bucket } = (json as { data: { upsertBucket: { bucket: object } } }).data.upsertBucket;
        Object.assign(bucket, {
          name: "run by its server",
          project: { id: "x", name: "other project", entity: { id: "y", name: "other-entity" } },
        });
        return json;
      },
    },
  });
  await log.send();
  const requests = log.server.requests.slice(from);
  const stream = requests.find(({ path }) => path.endsWith("/file_stream"));
  expect(stream?.path).toBe("/files/other-entity/other%20project/run%20by%20its%20server/file_stream");
  const variablesOf = (name: string) => requests.find(({ operation }) => operation === name)?.variables;
  expect(variablesOf("CreateRunFiles")).toMatchObject({
    entity: "other-entity",
    project: "other project",
    run: "run by its server",
  });
  expect(variablesOf("CreateArtifact")).toMatchObject({
    input: { entityName: "other-entity", projectName: "other project", runName: "run by its server" },
  });
});

test("a server that is older than feature flags gets the run all the same", async () => {
  const message = 'Cannot query field "features" on type "ServerInfo".';
  always(log, {
    match: { operation: "ServerFeaturesQuery" },
    action: { kind: "status", status: 400, body: JSON.stringify({ errors: [{ message }] }) },
  });
  expect(await log.send()).toMatchObject({ complete: true, problems: [] });
  const { console } = await log.server.snapshot("tester", "faults", "faulty");
  // The legacy form: reference 8.
  expect(JSON.stringify(console)).toMatch(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} block 0/);
});

test("one request of the file stream is under way at a time", async () => {
  const values = { baseUrl: log.server.url, fileStreamTransmitInterval: 0.001, fileStreamMaxBytes: 500 };
  const server = openServer({ values, apiKey: log.server.apiKey, env: {}, warn() {} })!;
  onTestFinished(() => server.close());
  let underWay = 0;
  const most: number[] = [];
  const dir = mkdtempSync(join(tmpdir(), "tracelet-conformance-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const logFile = join(dir, "run-one.wandb");
  const written = TransactionLog.create(logFile);
  written.append({ run: { runId: "one", project: "faults" } });
  for (let step = 0; step < 500; step++) {
    written.append({ history: { item: [{ key: "_step", valueJson: String(step) }] } });
  }
  written.append({ exit: { exitCode: 0 } });
  written.close();
  const sender = createRunSender({
    server: {
      ...server,
      connect(...given) {
        const connection = server.connect(...given);
        const http: typeof connection.http = {
          ...connection.http,
          async send(request) {
            if (!request.url.endsWith("/file_stream")) return connection.http.send(request);
            most.push(++underWay);
            try {
              await wait(5);
              return await connection.http.send(request);
            } finally {
              underWay--;
            }
          },
        };
        return { ...connection, http };
      },
    },
    values,
    logFile,
    filesDir: join(dir, "files"),
    writer: { shared: false, id: "w", primary: true, endsRun: true },
    isLive: false,
    more: async () => false,
    warn() {},
    known() {},
  });
  expect(await sender.done).toMatchObject({ complete: true, rows: 500 });
  expect(most.length).toBeGreaterThan(10);
  expect(new Set(most)).toEqual(new Set([1]));
});

test("what a script prints while the server is away is left in the log, not in memory", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-conformance-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const logFile = join(dir, "run-loud.wandb");
  const written = TransactionLog.create(logFile);
  written.append({ run: { runId: "loud", project: "faults" } });
  // 32 MiB, of which 10 MiB wait for the next request and as much is in the one under way.
  const line = `${"x".repeat(1023)}\n`;
  for (let count = 0; count < 32 << 10; count++) {
    written.append({ outputRaw: { outputType: "STDOUT", timestamp: { seconds: count }, line } });
    if (count % 1024 === 0) written.flush();
  }
  written.close();
  always(log, { match: { path: /file_stream$/ }, action: { kind: "hang" } });
  const values = { baseUrl: log.server.url };
  const server = openServer({ values, apiKey: log.server.apiKey, env: {}, warn() {} })!;
  const ending = new AbortController();
  let isRead = false;
  const sender = createRunSender({
    server,
    values,
    logFile,
    filesDir: join(dir, "files"),
    writer: { shared: false, id: "w", primary: true, endsRun: true },
    isLive: true,
    async more() {
      isRead = true;
      return false;
    },
    signal: ending.signal,
    warn() {},
    known() {},
  });
  await wait(3_000);
  expect(isRead).toBe(false);
  ending.abort();
  await sender.done;
  await server.close();
});
