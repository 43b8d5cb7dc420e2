import { rmSync } from "node:fs";
import { resolve, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { messageOf, TraceletError } from "../../../../src/errors.js";
import type { ArtifactRecord, ManifestEntryRecord } from "../../records/record.js";
import type { Connection } from "../../server/connection.js";
import { RequestError, type RetryPolicy } from "../../server/retry.js";
import { uploadBytes } from "../../server/upload.js";
import { createFileCache } from "../cache.js";
import { useArtifact } from "../use-artifact.js";
import { clientIdOf, resolveReferences } from "./client-references.js";
import { createInput } from "./create-input.js";
import { createDigester } from "./digester.js";
import { uploadFiles } from "./files.js";
import type { FileEntry } from "./local-file.js";
import { MANIFEST_NAMES, manifestFile, manifestTypeOf, readEntries } from "./manifest-file.js";
import * as operations from "./operations.js";
import { type ArtifactProgress, createProgress } from "./progress.js";
import { createSlots } from "./slots.js";
import { MOST_FILE_BYTES, MULTIPART, type MultipartRule, TRANSFER_SLOTS } from "./transfer.js";

export interface ArtifactSaverOptions {
  readonly connection: Connection;
  /** The run as the server knows it. It counts, not what stands in the records. */
  readonly entity: string;
  readonly project: string;
  readonly runId: string;
  /** Folder of W&B's caches, `cacheFolder()`. */
  readonly cache: string;
  /** Where clients put copies of what is added, `stagingFolder()`. Only what is in it is removed after a save. */
  readonly staging: string;
  /** Aborted: saves end with its reason. What was not committed can be saved again. */
  readonly signal?: AbortSignal | undefined;
  /** Of the transfers; default `TRANSFER_RETRY`. */
  readonly policy?: RetryPolicy | undefined;
  /** Aborted: waits between attempts become short. */
  readonly hurry?: AbortSignal | undefined;
  /** Told what goes wrong and may still become good. */
  readonly onTrouble?: ((message: string) => void) | undefined;
  /** Told a few times a second how far the files of a save are, and at the end. */
  readonly onProgress?: ((progress: ArtifactProgress) => void) | undefined;
  /** From which size on files go in parts, and of which size. Default: 2 GiB, 100 MiB. */
  readonly multipart?: MultipartRule | undefined;
}

/** Failed attempts are told of at most this often. */
const QUIET_MS = 5_000;

/** An artifact that is on the server. */
export interface SavedArtifact {
  /** The server's id of the version. */
  readonly id: string;
  readonly name: string;
  readonly digest: string;
  /** `PENDING` while other writers of a distributed artifact still add to it. */
  readonly state: "COMMITTED" | "PENDING";
  /** The server had this content under this name already: there is no new version. */
  readonly existed: boolean;
}

export interface ArtifactSaver {
  /**
   * Uploads the artifact of a record. Saves of one name happen in the order of the calls, others side by side. To save a
   * record again, after an interruption or from the log, makes no second version.
   *
   * @param historyStep the step after the last row's: the official client sends the one it is at, and shows the one before.
   *   Left out in shared mode, and by the official sync of a log.
   * @throws TraceletError `invalid-file` for files that are gone or have changed, `backend-failed` for what the
   *   server refuses; what the signal was aborted with.
   */
  save(record: ArtifactRecord, historyStep?: number): Promise<SavedArtifact>;
}

/**
 * Uploads the artifacts of a run, while it runs or later from its log.
 *
 * @example
 * ```ts
 * const saver = createArtifactSaver({ connection, entity, project, runId, cache: cacheFolder(), staging: stagingFolder() });
 * const { id } = await saver.save(record);
 * ```
 */
export function createArtifactSaver(options: ArtifactSaverOptions): ArtifactSaver {
  const { connection, entity, project, runId, signal, hurry, onTrouble = () => {} } = options;
  const staging = resolve(options.staging) + sep;
  const isStaged = (path: string): boolean => resolve(path).startsWith(staging);
  const cache = createFileCache(options.cache, isStaged, onTrouble);
  const slots = createSlots(TRANSFER_SLOTS);
  /** The end of the last save of each name. */
  const last = new Map<string, Promise<unknown>>();
  /** When the server knows the artifact of a client id. */
  const known = new Map<string, Promise<unknown>>();

  const saveNow = async (
    record: ArtifactRecord,
    historyStep: number | undefined,
    onCreated: () => void,
  ): Promise<SavedArtifact> => {
    const { name = "", digest = "", finalize = false } = record;
    const trouble = (message: string) => onTrouble(`artifact "${name}": ${message}`);
    let told = -Infinity;
    const retry = {
      signal,
      hurry,
      // A server that is away fails all transfers at once.
      onRetry: (problem: string, _status: number, waitMs: number) => {
        if (performance.now() - told < QUIET_MS) return;
        told = performance.now();
        trouble(`${problem}; trying again in ${Math.ceil(waitMs / 1000)} s`);
      },
    };
    const ask = <Data>(
      operation: typeof operations.CREATE_ARTIFACT,
      variables: { readonly [name: string]: unknown },
    ) => connection.graphql.query<Data>(operation, variables, retry);

    const created = await ask<operations.CreatedArtifact>(operations.CREATE_ARTIFACT, {
      input: createInput(record, { entity, project, runId }, historyStep),
    });
    const { id, state, artifactSequence } = created.createArtifact.artifact;
    onCreated();
    const use = async () => {
      if (record.useAfterCommit) {
        await useArtifact(connection, { entity, project, runName: runId, artifactID: id }, retry);
      }
    };
    if (state === "COMMITTED") {
      await use();
      await removeStaged(record, await readEntries(record).catch(() => []));
      return { id, name, digest, state: "COMMITTED", existed: true };
    }
    // A deleted version of the same content comes back as it is from older servers.
    if (state !== "PENDING" && state !== "DELETED") {
      throw new TraceletError("backend-failed", `the server gave it the state ${state.slice(0, 40)}`, {
        backend: "wandb",
      });
    }

    const entries = await readEntries(record);
    const files = entries.filter((entry): entry is FileEntry => Boolean(entry.localPath));
    const tooLarge = files.find(({ size = 0 }) => size > MOST_FILE_BYTES);
    if (tooLarge !== undefined) {
      throw new TraceletError(
        "invalid-file",
        `"${tooLarge.path}" is larger than 5 TiB, the most there can be`,
        {
          backend: "wandb",
        },
      );
    }
    const type = manifestTypeOf(record);
    const manifest = {
      artifactID: id,
      baseArtifactID: record.baseId || artifactSequence?.latestArtifact?.id || null,
      name: MANIFEST_NAMES[type],
      entityName: entity,
      projectName: project,
      runName: runId,
      manifestType: type,
    };
    const { createArtifactManifest } = await ask<operations.CreatedManifest>(operations.CREATE_MANIFEST, {
      ...manifest,
      digest: "",
      includeUpload: false,
    });
    const manifestId = createArtifactManifest.artifactManifest.id;

    const progress = createProgress(name, files, options.onProgress);
    const digester = createDigester();
    signal?.addEventListener("abort", digester.close);
    const births = await uploadFiles(
      {
        ...retry,
        ...progress,
        onTrouble: trouble,
        connection,
        policy: options.policy,
        cacheFolder: options.cache,
        cache,
        slots,
        digester,
        multipart: options.multipart ?? MULTIPART,
      },
      { artifactId: id, manifestId },
      files,
    ).finally(() => {
      signal?.removeEventListener("abort", digester.close);
      digester.close();
    });
    await Promise.all(entries.map((entry) => known.get(clientIdOf(entry) ?? "")));
    const resolved = await resolveReferences(connection, entries, retry);
    const { bytes, digest: manifestDigest } = manifestFile(
      record,
      resolved.map((entry) => {
        const birthArtifactId = births.get(entry.path);
        return birthArtifactId === undefined ? entry : { ...entry, birthArtifactId };
      }),
    );
    await withFreshAddress(async () => {
      const { uploadUrl, uploadHeaders } = await manifestAddress(manifestDigest);
      if (!uploadUrl)
        throw new TraceletError("backend-failed", "the server took no manifest", { backend: "wandb" });
      const { policy } = options;
      await uploadBytes(connection.http, {
        ...retry,
        policy,
        url: uploadUrl,
        headers: uploadHeaders ?? [],
        bytes,
      });
    });
    if (finalize) await ask(operations.COMMIT_ARTIFACT, { artifactID: id });
    await use();
    await removeStaged(record, files);
    return { id, name, digest, state: finalize ? "COMMITTED" : "PENDING", existed: false };

    async function manifestAddress(manifestDigest: string): Promise<operations.ManifestAnswer["file"]> {
      if (type === "FULL") {
        const variables = { ...manifest, digest: manifestDigest, includeUpload: true };
        const answer = await ask<operations.CreatedManifest>(operations.CREATE_MANIFEST, variables);
        return answer.createArtifactManifest.artifactManifest.file;
      }
      const answer = await ask<operations.UpdatedManifest>(operations.UPDATE_MANIFEST, {
        artifactManifestID: manifestId,
        digest: manifestDigest,
        baseArtifactID: null,
        includeUpload: true,
      });
      return answer.updateArtifactManifest.artifactManifest.file;
    }
  };

  /** Copies that were made for the upload have done their work; everything else is the user's. */
  const removeStaged = async (
    record: ArtifactRecord,
    entries: readonly ManifestEntryRecord[],
  ): Promise<void> => {
    const paths = [...entries.map(({ localPath }) => localPath), record.manifest?.manifestFilePath];
    let removed = 0;
    for (const path of new Set(paths)) {
      if (!path || !isStaged(path)) continue;
      rmSync(path, { force: true });
      // Other work of the thread goes on between.
      if (++removed % 50 === 0) await setImmediate();
    }
  };

  return {
    async save(record, historyStep) {
      const { name = "", clientId } = record;
      const before = last.get(name) ?? Promise.resolve();
      let onCreated = () => {};
      const creation = new Promise<void>((done) => {
        onCreated = done;
      });
      const saved = before
        .then(() => saveNow(record, historyStep, onCreated))
        .catch((error: unknown) => {
          signal?.throwIfAborted();
          throw namedError(name, error);
        })
        .finally(onCreated);
      // One that fails does not keep the next from being saved.
      last.set(
        name,
        saved.catch(() => {}),
      );
      if (clientId) known.set(clientId, creation);
      return await saved;
    },
  };
}

/** Addresses that were refused may have expired. */
async function withFreshAddress(upload: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await upload();
    } catch (error) {
      if (!(error instanceof RequestError) || attempt === 3) throw error;
    }
  }
}

function namedError(name: string, error: unknown): TraceletError {
  const code = error instanceof TraceletError ? error.code : "backend-failed";
  return new TraceletError(code, `Artifact "${name}": ${messageOf(error)}`, {
    backend: "wandb",
    cause: error,
  });
}
