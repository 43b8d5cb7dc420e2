import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

let server: WandbServer;
let folder: string;
beforeEach(async () => {
  server = await startWandbServer();
  folder = tempDir();
  for (const [name, value] of Object.entries({
    WANDB_BASE_URL: server.url,
    WANDB_API_KEY: server.apiKey,
    WANDB_CACHE_DIR: join(folder, "cache"),
    WANDB_DATA_DIR: join(folder, "data"),
  }))
    vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const begin = () =>
  wandb.init({
    dir: folder,
    entity: "tester",
    project: "p",
    reinit: "create_new",
    settings: { console: "off", disableStats: true, silent: true, disableGit: true, finishTimeout: 3 },
  });

const versions = (name: string) =>
  (server.store.projects.get("tester/p")?.collections.get(name)?.members ?? []).map(
    ({ artifact }) => artifact,
  );

const LARGE = 9 << 20;

// Their digests are computed between two batches of the logging worker.
test.each([
  ["with much to read", { digestAlgorithm: "MD5", bytes: LARGE }],
  ["with XXH128", { digestAlgorithm: "XXH128", bytes: 10 }],
] as const)("an artifact %s is sent when nothing else is logged, and can be waited for", async (_, given) => {
  const run = await begin();
  const artifact = new wandb.Artifact("big", { type: "model", digestAlgorithm: given.digestAlgorithm });
  artifact.newFile("zeros", Buffer.alloc(given.bytes));
  const logged = run.logArtifact(artifact);
  await vi.waitFor(() => expect(versions("big").map(({ state }) => state)).toEqual(["COMMITTED"]), 10_000);
  await logged.wait();
  expect(artifact.digest).toBe(versions("big")[0]!.digest);
  await run.finish();
});

test.each([
  ["MD5", "before its upload"],
  ["MD5", "after it"],
  ["XXH128", "after it"],
] as const)(
  "with %s, an artifact may be logged again %s, for another alias and run",
  async (digestAlgorithm, when) => {
    const path = join(folder, "a.txt");
    writeFileSync(path, "first");
    const artifact = new wandb.Artifact("set", { type: "dataset", digestAlgorithm });
    artifact.addFile(path);
    artifact.newFile("new", "kept");
    const first = await begin();
    const logged = first.logArtifact(artifact);
    if (when === "after it") await logged.wait();
    await first.logArtifact(artifact, { aliases: ["again"] }).wait();
    await first.finish();
    const second = await begin();
    await second.logArtifact(artifact, { aliases: ["other"] }).wait();
    await second.finish();
    expect(versions("set").map(({ manifest }) => Object.keys(manifest!.contents))).toEqual([
      ["a.txt", "new"],
    ]);
    const aliases = [...versions("set")[0]!.aliases.values()].flatMap((each) => [...each]);
    expect(aliases.sort()).toEqual(["again", "latest", "other"]);
    expect(readdirSync(join(folder, "data", "artifacts", "staging"))).toEqual([]);
  },
);

test("an artifact that was logged is not changed any more, as in the official client", async () => {
  const run = await begin();
  const artifact = new wandb.Artifact("set", { type: "dataset" });
  artifact.newFile("new", "kept");
  run.logArtifact(artifact);
  for (const change of [
    () => artifact.newFile("more", "more"),
    () => artifact.addFile(new URL(import.meta.url).pathname),
    () => artifact.addReference("https://example.com/x"),
    () => artifact.remove("new"),
    () => Object.assign(artifact, { description: "late" }),
    () => Object.assign(artifact, { metadata: { late: true } }),
    () => Object.assign(artifact, { ttl: 60 }),
  ])
    expect(change).toThrow(/"set" was logged and cannot be changed any more; make a new Artifact/);
  await run.finish();
});

test("of an artifact that is logged again and that the server has no more, nothing is made up", async () => {
  const artifact = new wandb.Artifact("set", { type: "dataset" });
  artifact.newFile("new", "kept");
  const first = await begin();
  await first.logArtifact(artifact).wait();
  server.store.projects.get("tester/p")!.collections.clear();
  server.store.artifacts.clear();
  await expect(first.logArtifact(artifact).wait()).rejects.toThrow(/log them as a new artifact/);
  await first.finish();
  expect(versions("set")).toEqual([]);
});

test("a version that the API gave is used as one by its name is", async () => {
  const made = await begin();
  const artifact = new wandb.Artifact("set", { type: "dataset" });
  artifact.newFile("new", "kept");
  await made.logArtifact(artifact).wait();
  await made.finish();
  const found = await new wandb.Api().artifact("tester/p/set:latest");
  const run = await begin();
  expect(await run.useArtifact(found)).toBe(found);
  await run.finish();
  expect((await found.usedBy()).map(({ id }) => id)).toEqual([run.id]);
});

test("an artifact may be waited for after its run has ended, whether it arrived or not", async () => {
  const log = async () => {
    const run = await begin();
    const artifact = new wandb.Artifact("set", { type: "dataset" });
    artifact.newFile("new", "kept");
    const logged = run.logArtifact(artifact);
    await run.finish();
    return logged;
  };
  const arrived = await log();
  await arrived.wait();
  expect(await arrived.id()).toBe(versions("set")[0]!.id);

  server.faults.push({
    match: { operation: "CreateArtifact" },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status: 403 },
  });
  await expect((await log()).wait()).rejects.toThrow(
    /artifact set did not arrive: the run ended before the server had it; it is kept, and `npx tracelet sync` sends/,
  );
});
