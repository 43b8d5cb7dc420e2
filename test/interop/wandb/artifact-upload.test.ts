import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { Artifact } from "#backends/wandb/artifacts/artifact.js";
import { artifactRecord } from "#backends/wandb/artifacts/manifest.js";
import { type ArtifactSaver, createArtifactSaver } from "#backends/wandb/artifacts/upload/saver.js";
import type { ArtifactRecord } from "#backends/wandb/records/record.js";
import { createConnection } from "#backends/wandb/server/connection.js";
import { createHttp } from "#backends/wandb/server/http.js";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import { pythonPath, runPython } from "../../support/python.js";
import { runProgram } from "../../support/run-program.js";
import { normalise } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { createRun, ensureProject } from "../../support/wandb-server/store.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";
import { onServer } from "./on-server.js";
import { checkExit, listScripts, SCRIPTS_FOLDER, type Script } from "./scripts.js";
import { inWorkspace } from "./workspace.js";

const DOWNLOAD = new URL("./official/artifact_download.py", import.meta.url).pathname;

/** Our saver for a run that the server knows; it takes nothing out of the client's folders. */
async function withSaver<Result>(
  server: WandbServer,
  runId: string,
  folder: string,
  work: (saver: ArtifactSaver) => Promise<Result>,
): Promise<Result> {
  createRun(server.store, ensureProject(server.store, "tester", "differential"), runId);
  const http = createHttp({
    baseUrl: server.url,
    authorization: async () => `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`,
  });
  try {
    const saver = createArtifactSaver({
      connection: createConnection(http),
      entity: "tester",
      project: "differential",
      runId,
      cache: join(folder, "our-cache"),
      staging: join(folder, "our-staging"),
    });
    return await work(saver);
  } finally {
    await http.close();
  }
}

/** The artifacts of the only log below a folder, each with the step of the row before it. */
async function loggedArtifacts(folder: string) {
  const names = await readdir(folder, { recursive: true });
  const [log] = names.filter((name) => name.endsWith(".wandb"));
  const found: { readonly record: ArtifactRecord; readonly step: number }[] = [];
  let step = 0;
  for (const { record } of readTransactionLog(join(folder, log!))) {
    step = record.history?.step?.num ?? step;
    if (record.artifact === undefined) continue;
    // The official client may write paths relative to the script's working directory, which this process has not.
    for (const entry of record.artifact.manifest?.contents ?? [])
      if (entry.localPath) entry.localPath = resolve(folder, entry.localPath);
    found.push({ record: record.artifact, step });
  }
  return { run: join(folder, log!, ".."), artifacts: found };
}

/** What was asked of the server for its artifacts, without ids that it gave and without the order of what is parallel. */
function artifactRequests(server: WandbServer) {
  const artifactOf = new Map<unknown, string>();
  for (const { id, clientId, manifests } of server.store.artifacts.values())
    for (const each of [id, ...manifests.map((manifest) => manifest.id)]) artifactOf.set(each, clientId);
  const named = (_: string, value: unknown) => artifactOf.get(value) ?? value;
  const bodies = server.requests.flatMap(({ operation, variables }) => {
    if (!/Artifact|ClientID/.test(operation ?? "")) return [];
    const { digest, ...rest } = JSON.parse(JSON.stringify(variables, named)) as { [key: string]: unknown };
    // The official client's manifest has local paths in it, so that it has another digest.
    const known =
      operation === "CreateArtifact" ? { ...rest, digest } : { ...rest, uploaded: Boolean(digest) };
    if (operation !== "CreateArtifactFiles") return [JSON.stringify([operation, sorted(known)])];
    const { artifactFiles, ...input } = rest["input"] as { readonly artifactFiles: readonly object[] };
    return artifactFiles.map((file) => JSON.stringify([operation, sorted(input), sorted(file)]));
  });
  return bodies.sort();
}

const sorted = (value: object): object =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));

const SCRIPTS = listScripts().filter(({ name }) => /artifact|table_(join|lists)|log_code/.test(name));

describe.concurrent.each(SCRIPTS)("the artifacts of $name", (script: Script) => {
  test("are on the server as the official sync of the same log puts them there, by the same requests", async () => {
    await inWorkspace(async (folder) => {
      const python = await pythonPath();
      const program = `${script.name}.py`;
      await copyFile(join(SCRIPTS_FOLDER, program), join(folder, program));
      const log = await onServer(async (server) => {
        const variables = { WANDB_MODE: "offline", WANDB_RUN_ID: script.runId, WANDB_SILENT: "true" };
        const environment = { ...clientEnvironment(server, folder), ...variables };
        checkExit(script, await runProgram(python, [program], folder, environment));
        return await loggedArtifacts(folder);
      });
      expect(log.artifacts.length).toBeGreaterThan(0);
      const ours = await onServer(async (server) => {
        await withSaver(server, script.runId, folder, (saver) =>
          Promise.all(
            log.artifacts.map(({ record, step }) =>
              saver.save({ ...record, ...(step === undefined ? {} : { historyStep: step }) }),
            ),
          ),
        );
        return await held(server, script);
      });
      const official = await onServer(async (server) => {
        const sync = await syncOfficial(python, [log.run], folder, clientEnvironment(server, folder));
        expect(sync.code, sync.stderr).toBe(0);
        return await held(server, script);
      });
      expect(ours.artifacts).toEqual(official.artifacts);
      expect(ours.requests).toEqual(official.requests);
    });
  });
});

async function held(server: WandbServer, script: Script) {
  const { outputArtifacts, inputArtifacts } = normalise(
    await server.snapshot("tester", "differential", script.runId),
  );
  return { artifacts: { outputArtifacts, inputArtifacts }, requests: artifactRequests(server) };
}

test("the official client downloads and verifies what was uploaded", async () => {
  await inWorkspace(async (folder) => {
    await onServer(async (server) => {
      const files: { readonly [path: string]: string | Buffer } = {
        "a.txt": "hello",
        empty: "",
        "dir/naïve name 😀.bin": Buffer.alloc(3_000_000, "naïve"),
        "dir/deep/er.json": "{}",
      };
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(folder, "added", path, ".."), { recursive: true });
        await writeFile(join(folder, "added", path), content);
      }
      const build = (incremental: boolean, add: (artifact: Artifact) => void) => {
        const staging = join(folder, "our-staging");
        const artifact = new Artifact("ds", {
          type: "dataset",
          description: "what it is",
          metadata: { k: [1, null] },
          incremental,
          staging,
        });
        artifact.ttl = 86_400;
        add(artifact);
        const run = { id: "uploaded", project: "differential", entity: "tester" };
        const logging = { run, aliases: ["best", "latest"], tags: ["a tag"], useAfterCommit: true };
        return artifactRecord(artifact.toPlan(), logging, staging);
      };
      await mkdir(join(folder, "our-staging"));
      const records = [
        build(false, (artifact) => {
          artifact.addDir(join(folder, "added"));
          artifact.addReference(`file://${join(folder, "added", "a.txt")}`, { name: "ref.txt" });
        }),
        build(true, (artifact) => artifact.newFile("more.txt", "more")),
      ];
      await withSaver(server, "uploaded", folder, async (saver) => {
        for (const record of records) await saver.save({ ...record, userCreated: false, historyStep: 7 });
      });
      const names = ["tester/differential/ds:v0", "tester/differential/ds:latest"];
      const seen = (await runPython(DOWNLOAD, names, {
        env: clientEnvironment(server, folder),
        cwd: folder,
      })) as { [name: string]: { [key: string]: unknown } };
      const sizes = Object.fromEntries(
        Object.entries(files).map(([path, content]) => [path, Buffer.byteLength(content)]),
      );
      const size = Object.values(sizes).reduce((sum, each) => sum + each) + 5;
      const common = {
        type: "dataset",
        state: "COMMITTED",
        description: "what it is",
        metadata: { k: [1, null] },
        tags: ["a tag"],
        ttl: 86_400,
        // The client shows the step before the one that was next.
        history_step: 6,
        logged_by: "uploaded",
        used_by: ["uploaded"],
      };
      expect(seen).toEqual({
        [names[0]!]: {
          ...common,
          aliases: [],
          size,
          entries: [...Object.keys(files), "ref.txt"].sort(),
          files: { ...sizes, "ref.txt": 5 },
        },
        [names[1]!]: {
          ...common,
          aliases: ["best", "latest"],
          size: size + 4,
          entries: [...Object.keys(files), "more.txt", "ref.txt"].sort(),
          files: { ...sizes, "more.txt": 4, "ref.txt": 5 },
        },
      });
    });
  });
});
