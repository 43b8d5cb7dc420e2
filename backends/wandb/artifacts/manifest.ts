import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { makeFolder } from "../../../src/backend/folder.js";
import type { ArtifactRecord, ManifestEntryRecord } from "../records/record.js";
import { generateId } from "../run/run-id.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { digestOfContent, digestOfFile, digestOfManifest, inPathOrder } from "./digests/digest.js";
import {
  ALGORITHM_KEY,
  createHasher,
  type DigestAlgorithm,
  type ManifestAlgorithm,
} from "./digests/hasher.js";

/** An entry of an artifact as plain data. The digest of a staged file is computed when the record is made. */
export interface ArtifactEntry {
  readonly path: string;
  readonly digest?: string;
  readonly size: number;
  /** The staged file, for what is uploaded. */
  readonly localPath?: string;
  /** The address, for what is not. */
  readonly ref?: string;
  readonly skipCache?: boolean;
  readonly extra?: { readonly [key: string]: LoggedValue };
}

/** All of an artifact as plain data, so that it can travel to the logging worker. */
export interface ArtifactPlan {
  readonly name: string;
  readonly type: string;
  readonly description: string | undefined;
  /** A JSON object text, or empty. */
  readonly metadata: string;
  readonly ttlDurationSeconds: number | undefined;
  readonly clientId: string;
  readonly sequenceClientId: string;
  readonly incremental: boolean;
  readonly digestAlgorithm: DigestAlgorithm;
  readonly entries: readonly ArtifactEntry[];
  /** Of all entries; without it, it is computed when the record is made, which only MD5 can be. */
  readonly digest?: string;
}

/** The run an artifact is logged to, and how. */
export interface ArtifactLogging {
  readonly run: { readonly id: string; readonly project: string; readonly entity: string };
  readonly aliases: readonly string[];
  readonly tags?: readonly string[];
  /** Makes the artifact an input of the run, which is not what made it. */
  readonly useAfterCommit?: boolean;
  /** Artifact that several processes write together: the same id in all of them. */
  readonly distributedId?: string;
  /** False while other processes still add to it. */
  readonly finalize?: boolean;
  /** The step of the run's next row; absent where rows have none. */
  readonly historyStep?: number;
}

/** From this many entries on the manifest goes to a file beside the log, as in the official client. */
const MAX_ENTRIES_IN_RECORD = 100_000;

/** Whether the record of an artifact can be made in one go, with no more than so many bytes read for its digests. */
export function isReadAtOnce(plan: ArtifactPlan, mostBytes: number): boolean {
  const { digestAlgorithm, entries } = plan;
  if (plan.digest !== undefined) return true;
  const unread = entries.reduce(
    (bytes, { digest, size }) => (digest === undefined ? bytes + size : bytes),
    0,
  );
  return digestAlgorithm === "MD5" && unread <= mostBytes;
}

/** The plan with its digest and those of its files, which are read with turns of the event loop in between. */
export async function withDigests(plan: ArtifactPlan): Promise<ArtifactPlan> {
  const { digestAlgorithm } = plan;
  if (plan.digest !== undefined) return plan;
  const entries: ArtifactEntry[] = [];
  for (const entry of plan.entries) {
    const digest = entry.digest ?? (await digestOfContent(entry.localPath!, digestAlgorithm));
    entries.push({ ...entry, digest });
  }
  return { ...plan, entries, digest: digestOfManifest(entries, await createHasher(digestAlgorithm)) };
}

/** Completes entries with their digests, in path order. Reads every staged file once. */
export function manifestEntries({ entries, digestAlgorithm }: ArtifactPlan): ManifestEntryRecord[] {
  return inPathOrder(entries).map((entry) => ({
    path: entry.path,
    digest: entry.digest ?? digestOfFile(entry.localPath!),
    ...(entry.ref === undefined ? {} : { ref: entry.ref }),
    ...(entry.size === 0 ? {} : { size: entry.size }),
    ...(entry.localPath === undefined ? {} : { localPath: entry.localPath }),
    ...(entry.skipCache ? { skipCache: true } : {}),
    ...extraOf(entry, digestAlgorithm),
  }));
}

/** Files whose digest is no MD5 say so; the digests of references are of their own kinds. */
function extraOf(
  { extra, localPath }: ArtifactEntry,
  algorithm: DigestAlgorithm,
): Pick<ManifestEntryRecord, "extra"> {
  const named = localPath !== undefined && algorithm !== "MD5" ? { [ALGORITHM_KEY]: algorithm } : undefined;
  if (extra === undefined && named === undefined) return {};
  const members = Object.entries({ ...extra, ...named });
  return { extra: members.map(([key, value]) => ({ key, valueJson: encodeJson(value) })) };
}

/**
 * The record that makes the official sync upload an artifact; of other digests than MD5 with a plan from `withDigests`. `staging` is where a very long manifest is put. The
 * entity has to be known: sync takes it from here and not from its own options.
 */
export function artifactRecord(
  plan: ArtifactPlan,
  logging: ArtifactLogging,
  staging: string,
  maxEntries = MAX_ENTRIES_IN_RECORD,
): ArtifactRecord {
  const entries = manifestEntries(plan);
  const { run, aliases, tags = [], useAfterCommit, distributedId, finalize = true, historyStep } = logging;
  const contents =
    entries.length > maxEntries
      ? { manifestFilePath: writeManifestFile(entries, staging) }
      : {
          storagePolicyConfig: [{ key: "storageLayout", valueJson: '"V2"' }],
          ...(entries.length === 0 ? {} : { contents: entries }),
        };
  return {
    runId: run.id,
    project: run.project,
    entity: run.entity,
    type: plan.type,
    name: plan.name,
    digest: plan.digest ?? digestOfManifest(entries),
    ...(plan.description ? { description: plan.description } : {}),
    ...(plan.metadata === "" ? {} : { metadata: plan.metadata }),
    ...(useAfterCommit ? { userCreated: true, useAfterCommit } : {}),
    aliases: [...aliases],
    manifest: { version: 1, storagePolicy: "wandb-storage-policy-v1", ...contents },
    ...(distributedId === undefined ? {} : { distributedId }),
    ...(finalize ? { finalize } : {}),
    clientId: plan.clientId,
    sequenceClientId: plan.sequenceClientId,
    ...(plan.ttlDurationSeconds === undefined ? {} : { ttlDurationSeconds: plan.ttlDurationSeconds }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    digestAlgorithm: `MANIFEST_${plan.digestAlgorithm}` satisfies ManifestAlgorithm,
    ...(plan.incremental ? { incrementalBeta1: true } : {}),
    ...(historyStep === undefined ? {} : { historyStep }),
  };
}

/** One JSON line an entry, gzipped; the syncing side deletes the file after reading it. */
function writeManifestFile(entries: readonly ManifestEntryRecord[], staging: string): string {
  const folder = join(staging, "artifact_manifests");
  makeFolder(folder);
  const lines = entries.map((entry) =>
    JSON.stringify({
      path: entry.path,
      digest: entry.digest,
      ref: entry.ref,
      size: entry.size,
      local_path: entry.localPath,
      skip_cache: entry.skipCache,
      ...(entry.extra === undefined
        ? {}
        : {
            extra: Object.fromEntries(entry.extra.map(({ key, valueJson }) => [key, JSON.parse(valueJson)])),
          }),
    }),
  );
  const path = join(folder, `${Date.now() / 1000}_${generateId(16)}.manifest_contents.jl.gz`);
  writeFileSync(path, gzipSync(`${lines.join("\n")}\n`), { flag: "wx" });
  return path;
}
