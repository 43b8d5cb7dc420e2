import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Ended, runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";
import { torchrunJob } from "../unit/distributed/policy-table.js";

// Ranks that send to a server while they log.

const RANK = new URL("fixtures/rank-online.mjs", import.meta.url);

interface Job {
  readonly server: WandbServer;
  readonly dir: string;
  readonly ranks: Promise<Ended>[];
}

async function startJob(options: { readonly [name: string]: unknown }): Promise<Job> {
  const server = await startWandbServer();
  onTestFinished(() => server.close());
  const dir = tempDir();
  const env = {
    HOME: join(dir, "home"),
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_ENTITY: "tester",
  };
  const ranks = torchrunJob("1x4", "job7").map((rank) =>
    runScript(RANK, {
      args: [JSON.stringify({ settings: { console: "off", disableStats: true }, ...options })],
      env: { ...env, ...(rank as Record<string, string>) },
      cwd: dir,
    }),
  );
  return { server, dir, ranks };
}

function expectGood(ended: readonly Ended[]): void {
  for (const { code, stderr } of ended) expect(code, stderr).toBe(0);
}

const rowsOf = (history: readonly { readonly [key: string]: unknown }[], rank: number) =>
  history.flatMap((row) => (`loss/${rank}` in row ? [row[`loss/${rank}`]] : []));

test("shared: one run of four writers, which runs until its primary ends", async () => {
  const { server, dir, ranks } = await startJob({ runMode: "shared" });
  expectGood(await Promise.all(ranks.slice(1)));

  const meanwhile = await server.snapshot("tester", "ranks", "torchrun-job7");
  for (const rank of [1, 2, 3]) expect(rowsOf(meanwhile.history, rank)).toEqual([0, 1, 2, 3, 4]);
  expect(meanwhile).toMatchObject({ state: "running", exitCode: null });

  writeFileSync(join(dir, "go"), "");
  expectGood([await ranks[0]!]);
  const run = await server.snapshot("tester", "ranks", "torchrun-job7");
  for (const rank of [0, 1, 2, 3]) {
    expect(rowsOf(run.history, rank)).toEqual([0, 1, 2, 3, 4]);
    expect(run.config[`rank${rank}`]).toEqual({ value: true });
  }
  expect(run.history).toHaveLength(20);
  expect(run.history.some((row) => "_step" in row)).toBe(false);
  expect(run).toMatchObject({ state: "finished", exitCode: 0, holes: 0 });

  expect([...server.store.projects.get("tester/ranks")!.runs.keys()]).toEqual(["torchrun-job7"]);
  const streams = server.requests.filter(({ path }) => path.endsWith("/file_stream"));
  expect(new Set(streams.map(({ headers }) => headers["x-wandb-async-client-id"])).size).toBe(4);
  const ends = streams.filter(({ body }) => (body as { complete?: boolean }).complete === true);
  expect(ends).toHaveLength(1);
  expect(server.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
});

test("new: four runs in a group, each with its own end", async () => {
  const { server, dir, ranks } = await startJob({ runMode: "new" });
  writeFileSync(join(dir, "go"), "");
  expectGood(await Promise.all(ranks));
  for (const rank of [0, 1, 2, 3]) {
    const run = await server.snapshot("tester", "ranks", `torchrun-job7-rank-${rank}`);
    expect(rowsOf(run.history, rank)).toEqual([0, 1, 2, 3, 4]);
    expect(run).toMatchObject({ group: "torchrun-job7", state: "finished", exitCode: 0, holes: 0 });
  }
  expect(server.store.projects.get("tester/ranks")!.runs.size).toBe(4);
});

test("auto: the ranks that do not log make no request", async () => {
  const { server, dir, ranks } = await startJob({});
  expectGood(await Promise.all(ranks.slice(1)));
  writeFileSync(join(dir, "go"), "");
  expectGood([await ranks[0]!]);
  const run = await server.snapshot("tester", "ranks", "torchrun-job7");
  expect(Object.keys(run.config).filter((key) => key.startsWith("rank"))).toEqual(["rank0"]);
  expect(run).toMatchObject({ state: "finished", exitCode: 0 });

  // Without the one that logs there is nobody.
  server.requests.length = 0;
  const empty = tempDir();
  const env = { HOME: empty, WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
  const [, ...others] = torchrunJob("1x4", "job8");
  const alone = others.map((rank) =>
    runScript(RANK, { args: ["{}"], env: { ...env, ...(rank as Record<string, string>) }, cwd: empty }),
  );
  expectGood(await Promise.all(alone));
  expect(server.requests).toEqual([]);
  expect(readdirSync(empty)).toEqual([]);
});
