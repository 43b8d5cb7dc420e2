import { join } from "node:path";
import { onTestFinished } from "vitest";
import { Artifact } from "#backends/wandb/artifacts/artifact.js";
import type { ArtifactOptions } from "#backends/wandb/artifacts/artifact-options.js";
import { type ArtifactLogging, artifactRecord } from "#backends/wandb/artifacts/manifest.js";
import { stagingFolder } from "#backends/wandb/artifacts/staging.js";
import {
  type ArtifactSaver,
  type ArtifactSaverOptions,
  createArtifactSaver,
} from "#backends/wandb/artifacts/upload/saver.js";
import type { ArtifactRecord } from "#backends/wandb/records/record.js";
import { type Connection, createConnection } from "#backends/wandb/server/connection.js";
import { createHttp } from "#backends/wandb/server/http.js";
import { tempDir } from "../../../../../support/temp-dir.js";
import type { Artifact as ServerArtifact } from "../../../../../support/wandb-server/artifacts.js";
import { startWandbServer, type WandbServer } from "../../../../../support/wandb-server/server.js";
import { createRun, ensureProject } from "../../../../../support/wandb-server/store.js";

/** A server with the run `team/vision/r1`, and a folder with what a client has on its disk. */
export interface Place {
  readonly server: WandbServer;
  readonly connection: Connection;
  readonly root: string;
  readonly cache: string;
  readonly staging: string;
  /** What savers complained of. */
  readonly trouble: string[];
  saver(options?: Partial<ArtifactSaverOptions>): ArtifactSaver;
  artifact(name: string, options?: Partial<ArtifactOptions>): Artifact;
  record(artifact: Artifact, logging?: Partial<ArtifactLogging>): ArtifactRecord;
  /** Operations of the API and, as `PUT <name>`, uploads; in their order. */
  requests(): string[];
  /** Versions of a name that the server has committed. */
  versions(name: string): ServerArtifact[];
}

export async function openPlace(): Promise<Place> {
  const server = await startWandbServer();
  const http = createHttp({
    baseUrl: server.url,
    authorization: async () => `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`,
  });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const root = tempDir();
  const project = ensureProject(server.store, "team", "vision");
  createRun(server.store, project, "r1");
  const connection = createConnection(http);
  const staging = stagingFolder({ WANDB_DATA_DIR: join(root, "data") });
  const cache = join(root, "cache");
  const trouble: string[] = [];
  return {
    server,
    connection,
    root,
    cache,
    staging,
    trouble,
    saver: (options) =>
      createArtifactSaver({
        connection,
        entity: "team",
        project: "vision",
        runId: "r1",
        cache,
        staging,
        onTrouble: (message) => trouble.push(message),
        ...options,
      }),
    artifact: (name, options) => new Artifact(name, { type: "dataset", staging, ...options }),
    record: (artifact, logging) =>
      artifactRecord(
        artifact.toPlan(),
        { run: { id: "r1", project: "vision", entity: "team" }, aliases: ["latest"], ...logging },
        staging,
      ),
    requests: () =>
      server.requests.map(
        ({ operation, method, path }) => operation ?? `${method} ${path.split("/").at(-1)}`,
      ),
    versions: (name) => (project.collections.get(name)?.members ?? []).map(({ artifact }) => artifact),
  };
}
