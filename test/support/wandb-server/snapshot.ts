import { createHash } from "node:crypto";
import type { JsonValue } from "#src/events/event.js";
import { type Artifact, contentOf, type Manifest } from "./artifacts.js";
import type { Blob } from "./blobs.js";
import { hexOfId } from "./ids.js";
import { countHoles, writtenLines } from "./line-file.js";
import { parseLooseObject } from "./loose-json.js";
import { type Alert, findProject, type Run, type Store } from "./store.js";

type JsonMap = { [key: string]: JsonValue };

/** Bytes the server holds, with what compares them. */
export interface FileSnapshot {
  readonly sha256: string;
  readonly size: number;
  readonly bytes: Buffer;
}

export interface ArtifactSnapshot {
  readonly type: string;
  readonly name: string;
  readonly version: number | null;
  readonly state: string;
  readonly digest: string;
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  readonly description: string | null;
  readonly metadata: JsonMap;
  readonly ttlDurationSeconds: number | null;
  readonly historyStep: number | null;
  readonly manifest: Manifest | undefined;
  readonly files: { readonly [path: string]: FileSnapshot };
}

/** What the server holds of one run: plain data in a fixed order. */
export interface RunSnapshot {
  readonly entity: string;
  readonly project: string;
  readonly id: string;
  /** Undefined when the client gave no name. */
  readonly displayName: string | undefined;
  readonly notes: string | null;
  readonly tags: readonly string[];
  readonly group: string | null;
  readonly jobType: string | null;
  readonly host: string | null;
  readonly program: string | null;
  readonly commit: string | null;
  readonly repo: string | null;
  readonly sweep: string | null;
  readonly state: string;
  readonly exitCode: number | null;
  readonly config: JsonMap;
  readonly summary: JsonMap;
  readonly history: readonly JsonMap[];
  readonly events: readonly JsonMap[];
  readonly console: readonly string[];
  /** Places of history, events and console that never arrived. */
  readonly holes: number;
  readonly files: { readonly [path: string]: FileSnapshot };
  readonly uploaded: readonly string[];
  readonly alerts: readonly Alert[];
  /** Versions this run made, by name and number. */
  readonly outputArtifacts: readonly ArtifactSnapshot[];
  /** `<name>:v<n>` of versions this run used. */
  readonly inputArtifacts: readonly string[];
  /** What artifact ids in values stand for: client ids, sequence client ids and hex ids -> `<name>:v<n>` or `<name>`. */
  readonly artifactNames: { readonly [id: string]: string };
}

/** @throws Error when the server has no such run. */
export async function snapshotRun(
  store: Store,
  entity: string,
  project: string,
  runId: string,
): Promise<RunSnapshot> {
  const run = findProject(store, entity, project)?.runs.get(runId);
  if (run === undefined) throw new Error(`the server has no run ${entity}/${project}/${runId}`);
  const outputs = [...store.artifacts.values()].filter((artifact) => artifact.createdBy === run);
  return {
    entity: run.project.entity,
    project: run.project.name,
    id: run.name,
    displayName: run.inventedName ? undefined : run.displayName,
    notes: run.notes,
    tags: run.tags,
    group: run.group,
    jobType: run.jobType,
    host: run.host,
    program: run.program,
    commit: run.commit,
    repo: run.repo,
    sweep: run.sweep,
    state: run.state,
    exitCode: run.exitCode,
    config: parseLooseObject(run.config),
    summary: parseLooseObject(run.summary),
    history: writtenLines(run.history).map(parseLooseObject),
    events: writtenLines(run.events).map(parseLooseObject),
    console: writtenLines(run.console),
    holes: countHoles(run.history) + countHoles(run.events) + countHoles(run.console),
    files: await snapshotFiles([...run.files.values()].map(({ name, blob }) => [name, blob])),
    uploaded: [...run.uploaded].sort(),
    alerts: run.alerts,
    outputArtifacts: await Promise.all(
      outputs
        .sort((a, b) => compare(a.collection.name, b.collection.name) || version(a) - version(b))
        .map((artifact) => snapshotArtifact(store, artifact)),
    ),
    inputArtifacts: [...run.inputArtifacts].map((id) => nameOf(store.artifacts.get(id)!)).sort(),
    artifactNames: artifactNames(store, run),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const version = (artifact: Artifact): number => artifact.versionIndex ?? Infinity;
const nameOf = (artifact: Artifact): string => `${artifact.collection.name}:v${artifact.versionIndex}`;

async function snapshotFiles(
  files: readonly (readonly [string, Blob])[],
): Promise<{ [path: string]: FileSnapshot }> {
  const found: { [path: string]: FileSnapshot } = {};
  for (const [path, blob] of [...files].sort(([a], [b]) => compare(a, b))) {
    const bytes = await blob.read();
    found[path] = { sha256: createHash("sha256").update(bytes).digest("hex"), size: blob.size, bytes };
  }
  return found;
}

async function snapshotArtifact(store: Store, artifact: Artifact): Promise<ArtifactSnapshot> {
  const files: (readonly [string, Blob])[] = [];
  for (const [path, entry] of Object.entries(artifact.manifest?.contents ?? {})) {
    const blob = entry.ref === undefined ? contentOf(store, artifact, path, entry) : undefined;
    if (blob !== undefined) files.push([path, blob]);
  }
  return {
    type: artifact.type,
    name: artifact.collection.name,
    version: artifact.versionIndex,
    state: artifact.state,
    digest: artifact.digest,
    aliases: [...(artifact.aliases.get(artifact.collection.id) ?? [])].sort(),
    tags: [...artifact.tags].sort(),
    description: artifact.description,
    metadata: artifact.metadata === null ? {} : parseLooseObject(artifact.metadata),
    ttlDurationSeconds: artifact.ttlDurationSeconds,
    historyStep: artifact.historyStep,
    manifest: artifact.manifest,
    files: await snapshotFiles(files),
  };
}

function artifactNames(store: Store, run: Run): { [id: string]: string } {
  const names: { [id: string]: string } = {};
  for (const artifact of store.artifacts.values()) {
    if (artifact.createdBy !== run && !run.inputArtifacts.has(artifact.id)) continue;
    names[artifact.clientId] = nameOf(artifact);
    names[hexOfId(artifact.id)] = nameOf(artifact);
    names[artifact.sequenceClientId] = artifact.collection.name;
  }
  return names;
}
