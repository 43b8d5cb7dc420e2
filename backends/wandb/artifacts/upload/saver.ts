import { messageOf, TraceletError } from "../../../../src/errors.js";
import type { ArtifactRecord } from "../../records/record.js";
import type { Connection } from "../../server/connection.js";
import type { RetryPolicy } from "../../server/retry.js";
import { createFileCache } from "../cache.js";
import type { ArtifactProgress } from "./progress.js";
import { type SavedArtifact, saveVersion } from "./save-version.js";
import { createSlots } from "./slots.js";
import { createStagedFiles } from "./staged-files.js";
import { MULTIPART, type MultipartRule, TRANSFER_SLOTS } from "./transfer.js";

export type { SavedArtifact } from "./save-version.js";

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

export interface ArtifactSaver {
  /**
   * Uploads the artifact of a record. Saves of one name happen in the order of the calls, others side by side. To save a
   * record again, after an interruption or from the log, makes no second version.
   *
   * @throws TraceletError `invalid-file` for files that are gone or have changed, `backend-failed` for what the
   *   server refuses; what the signal was aborted with.
   */
  save(record: ArtifactRecord): Promise<SavedArtifact>;
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
  const staged = createStagedFiles(options.staging, onTrouble);
  const context = {
    connection,
    run: { entity, project, runId },
    signal,
    hurry,
    policy: options.policy,
    cacheFolder: options.cache,
    cache: createFileCache(options.cache, staged.includes, onTrouble),
    staged,
    slots: createSlots(TRANSFER_SLOTS),
    multipart: options.multipart ?? MULTIPART,
    onProgress: options.onProgress,
  };
  /** The last save of each name that is under way. */
  const last = new Map<string, Promise<unknown>>();
  /** Artifacts under way by their client ids: settles when the server knows them. */
  const creations = new Map<string, Promise<void>>();

  return {
    async save(record) {
      const { name = "", clientId = "" } = record;
      const before = last.get(name);
      let onCreated = () => {};
      const creation = new Promise<void>((done) => {
        onCreated = done;
      });
      const save = async (): Promise<SavedArtifact> => {
        // One that fails does not keep the next from being saved.
        await before?.catch(() => {});
        try {
          return await saveVersion(
            {
              ...context,
              onTrouble: (message) => onTrouble(`artifact "${name}": ${message}`),
              onCreated,
              creationOf: (id) => creations.get(id),
            },
            record,
          );
        } catch (error) {
          signal?.throwIfAborted();
          throw namedError(name, error);
        } finally {
          onCreated();
          if (creations.get(clientId) === creation) creations.delete(clientId);
          if (last.get(name) === saved) last.delete(name);
        }
      };
      const saved = save();
      last.set(name, saved);
      if (clientId !== "") creations.set(clientId, creation);
      return await saved;
    },
  };
}

function namedError(name: string, error: unknown): TraceletError {
  const code = error instanceof TraceletError ? error.code : "backend-failed";
  return new TraceletError(code, `Artifact "${name}": ${messageOf(error)}`, {
    backend: "wandb",
    cause: error,
  });
}
