import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, TraceletError } from "../../../../src/errors.js";
import type { Connection } from "../../server/connection.js";
import { type RetryPolicy, TRANSFER_RETRY } from "../../server/retry.js";
import { cacheFolder } from "../cache.js";
import { createDigesters } from "../digests/digester.js";
import { partsFolder } from "./cache.js";
import { contentsOf, isSupported, unsupportedReference } from "./contents.js";
import { RANGE_RULES, type RangeRules } from "./fetch-file.js";
import { inParallel } from "./in-parallel.js";
import { type ArtifactFiles, fetchArtifactFiles } from "./manifest-file.js";
import { checkPaths, ignoresCase, pathFlaw, targetFolder } from "./safe-path.js";
import { type Keeping, storeEntry } from "./store-entry.js";
import type { TransferContext } from "./transfer.js";

/** How far a download is. */
export interface DownloadProgress {
  readonly files: number;
  readonly totalFiles: number;
  /** Of files whose size the manifest says. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What a user chooses of a download. */
export interface DownloadOptions {
  /** Folder for the files. Default: `<name>:<version>` below `WANDB_ARTIFACT_DIR`, or below `./artifacts`. */
  readonly root?: string | undefined;
  /** Only entries whose path begins so. */
  readonly pathPrefix?: string | undefined;
  /** Neither looks into the cache (`WANDB_CACHE_DIR`) nor adds to it. Default false. */
  readonly skipCache?: boolean | undefined;
  /** References that cannot be fetched from here (`s3:`, `gs:` ...) are left out. Default: they are an error. */
  readonly allowMissingReferences?: boolean | undefined;
  /** Ends the download. What has arrived is gone on with by the next one. */
  readonly signal?: AbortSignal | undefined;
  /** Told after each piece that arrived. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
}

/** A version to download, and how. */
export interface ArtifactDownload extends DownloadOptions {
  readonly artifact: { readonly id: string } | ArtifactFiles;
  /** Only these entries. */
  readonly paths?: readonly string[] | undefined;
  /** Default: that of the official client. */
  readonly policy?: RetryPolicy | undefined;
  readonly rules?: RangeRules | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
}

/** What a download did. */
export interface DownloadResult {
  /** Absolute. */
  readonly root: string;
  /** Paths of the entries that are there now. */
  readonly files: readonly string[];
  /** Addresses that were left out. */
  readonly missingReferences: readonly string[];
}

/** Files at a time. */
const AT_ONCE = 16;
/** Large files are digested by so many threads, the first of which starts with the first of them. */
const DIGEST_THREADS = Math.max(1, Math.min(3, availableParallelism() - 1));

/**
 * Downloads the files of an artifact version and checks every digest. Files that are there already are not fetched again,
 * and one that a download before left behind half is gone on with.
 *
 * @throws TraceletError `invalid-file` when the server gives paths that lead out of the folder, or files with a wrong
 * digest; `invalid-value` for references that cannot be fetched; `backend-failed` when the server refuses
 *
 * @example
 * ```ts
 * const { root } = await downloadArtifact(connection, { artifact: { id }, root: "model" });
 * ```
 */
export async function downloadArtifact(
  connection: Connection,
  download: ArtifactDownload,
): Promise<DownloadResult> {
  const { artifact, pathPrefix, paths, allowMissingReferences, signal, environment = process.env } = download;
  const context: TransferContext = {
    http: connection.http,
    policy: download.policy ?? TRANSFER_RETRY,
    signal,
  };
  const files =
    "manifest" in artifact
      ? artifact
      : await fetchArtifactFiles(connection, context, artifact.id).catch((error: unknown) =>
          rethrow(error, "the manifest", signal),
        );
  const name = `${files.collection}:v${files.versionIndex}`;
  const root = resolve(download.root ?? defaultRoot(name, environment));
  const chosen = [...files.manifest.entries.values()].filter(
    ({ path }) =>
      (pathPrefix === undefined || path.startsWith(pathPrefix)) &&
      (paths === undefined || paths.includes(path)),
  );
  const entries = chosen.filter(isSupported);
  const missing = chosen.filter((entry) => !isSupported(entry));
  if (missing.length > 0 && !allowMissingReferences) throw unsupportedReference(missing[0]!);

  const target = openFolder(root);
  checkPaths(
    entries.map(({ path }) => path),
    name,
    () => ignoresCase(root),
  );
  const keeping: Keeping = {
    cache: download.skipCache ? undefined : usableCache(environment),
    rules: download.rules ?? RANGE_RULES,
    digester: createDigesters(DIGEST_THREADS),
    underWay: new Map(),
  };
  const report = progressOf(entries, download.onProgress);
  const contentOf = contentsOf(connection, context, files, entries);
  const fetchAll = inParallel(entries, AT_ONCE, signal, async (entry, both) => {
    const counter = report.start(entry.size ?? 0);
    try {
      const content = await contentOf(entry);
      const place = target.place(entry.path);
      await storeEntry({ ...context, signal: both, onBytes: counter.add }, content, place, keeping);
    } catch (error) {
      rethrow(error, `${JSON.stringify(entry.path)} of ${name}`, both);
    }
    counter.finish();
  });
  signal?.addEventListener("abort", keeping.digester.close);
  await fetchAll.finally(() => {
    signal?.removeEventListener("abort", keeping.digester.close);
    keeping.digester.close();
  });
  return {
    root,
    files: entries.map(({ path }) => path),
    missingReferences: missing.map(({ ref }) => ref!),
  };
}

/** Every failure names the file and says it is a download's; an abort stays what it is. */
function rethrow(error: unknown, what: string, signal: AbortSignal | undefined): never {
  signal?.throwIfAborted();
  if (error instanceof TraceletError) throw error;
  throw new TraceletError("backend-failed", `Cannot download ${what}: ${messageOf(error)}.`, {
    backend: "wandb",
    cause: error,
  });
}

function openFolder(root: string) {
  try {
    return targetFolder(root);
  } catch (cause) {
    throw new TraceletError(
      "invalid-option",
      `Cannot create the folder ${root}: ${messageOf(cause)}. Choose another root.`,
      { backend: "wandb", cause },
    );
  }
}

/** `WANDB_ARTIFACT_DIR` or `./artifacts`, and below it the name, which comes from the server. */
export function defaultRoot(name: string, environment: NodeJS.ProcessEnv): string {
  // Windows has no colons in names.
  const folder = process.platform === "win32" ? name.replaceAll(":", "-") : name;
  const flaw = folder.includes("/") ? "has a slash" : pathFlaw(folder);
  if (flaw !== undefined) {
    throw new TraceletError(
      "invalid-file",
      `The artifact's name ${JSON.stringify(name)} cannot be a folder's: it ${flaw}. Choose a root.`,
      { backend: "wandb" },
    );
  }
  return join(environment["WANDB_ARTIFACT_DIR"] || "artifacts", folder);
}

/** The cache, unless it cannot be written to. */
function usableCache(environment: NodeJS.ProcessEnv): string | undefined {
  const cache = cacheFolder(environment);
  try {
    mkdirSync(partsFolder(cache), { recursive: true });
    return cache;
  } catch {
    return undefined;
  }
}

function progressOf(
  entries: readonly { readonly size: number | undefined }[],
  onProgress: DownloadOptions["onProgress"],
) {
  const totalBytes = entries.reduce((sum, { size }) => sum + (size ?? 0), 0);
  let files = 0;
  let bytes = 0;
  const tell = (): void => onProgress?.({ files, totalFiles: entries.length, bytes, totalBytes });
  return {
    start(size: number) {
      let arrived = 0;
      return {
        add(count: number): void {
          arrived += count;
          bytes += count;
          tell();
        },
        /** A file that was there, or whose size nobody knew, counts as the manifest says. */
        finish(): void {
          bytes += size - arrived;
          files += 1;
          tell();
        },
      };
    },
  };
}
