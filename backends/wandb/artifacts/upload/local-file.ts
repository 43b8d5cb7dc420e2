import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { TraceletError } from "../../../../src/errors.js";
import type { ManifestEntryRecord } from "../../records/record.js";
import { ALGORITHM_KEY, algorithmOf, type DigestAlgorithm } from "../digests/hasher.js";

/** An entry whose bytes are uploaded. */
export type FileEntry = ManifestEntryRecord & { readonly localPath: string; readonly digest: string };

/** What the digest of a record's entry is. Throws `invalid-file` when it is of an unknown kind. */
export function entryAlgorithm({ path, extra }: ManifestEntryRecord): DigestAlgorithm {
  const named = extra?.find(({ key }) => key === ALGORITHM_KEY);
  return algorithmOf(named === undefined ? undefined : JSON.parse(named.valueJson), path);
}

/** A file on this machine, as it was when it was found. */
export interface LocalFile {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Finds the bytes of an entry: where its record says, else in the cache.
 *
 * @throws TraceletError `invalid-file` when they are gone or have another size.
 */
export function findFile(entry: FileEntry, cached: string): LocalFile {
  return firstOf(entry, cached, (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? { path, stats } : undefined;
  });
}

/** A small file with its content, as `findFile` finds it. Throws `invalid-file` when it has not this MD5. */
export function readSmallFile(
  entry: FileEntry,
  md5: string,
  cached: string,
): LocalFile & { readonly bytes: Buffer } {
  const found = firstOf(entry, cached, (path) => {
    const file = openIfThere(path);
    if (file === undefined) return undefined;
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) return undefined;
      // One more than there should be, to see that there is no more.
      const buffer = Buffer.allocUnsafe((entry.size ?? 0) + 1);
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return { path, stats, bytes: buffer.subarray(0, length) };
    } finally {
      closeSync(file);
    }
  });
  if (createHash("md5").update(found.bytes).digest("base64") !== md5) throw changedFile(entry);
  return found;
}

/** What is at the entry's own place or, when that has not its size, in the cache. */
function firstOf<Found extends LocalFile>(
  entry: FileEntry,
  cached: string,
  find: (path: string) => Found | undefined,
): Found {
  const own = find(entry.localPath);
  if (own?.stats.size === (entry.size ?? 0)) return own;
  const kept = find(cached);
  if (kept?.stats.size === (entry.size ?? 0)) return kept;
  throw own === undefined ? missingFile(entry) : changedFile(entry);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
}

/** Throws `invalid-file` when a file is another one, or was written to, since it was found. */
export function checkUnchanged(entry: FileEntry, { path, stats }: LocalFile): void {
  const now = statSync(path, { throwIfNoEntry: false });
  const same = now?.ino === stats.ino && now.size === stats.size && now.mtimeMs === stats.mtimeMs;
  if (!same) throw changedFile(entry);
}

function missingFile({ path, localPath }: FileEntry): TraceletError {
  return new TraceletError(
    "invalid-file",
    `the file of "${path}" is not at ${resolve(localPath)} any more; put it back and sync again`,
    { backend: "wandb" },
  );
}

export function changedFile({ path, localPath }: FileEntry): TraceletError {
  return new TraceletError(
    "invalid-file",
    `the file of "${path}", ${resolve(localPath)}, has changed since it was added; put back what was added and sync again, or log the artifact anew`,
    { backend: "wandb" },
  );
}
