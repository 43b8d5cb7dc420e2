import { createHash } from "node:crypto";
import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import { TraceletError } from "../../../../src/errors.js";
import type { ManifestEntryRecord } from "../../records/record.js";

/** An entry whose bytes are uploaded. */
export type FileEntry = ManifestEntryRecord & { readonly localPath: string; readonly digest: string };

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

/** A small file with its content, as `findFile` finds it. Throws `invalid-file` when it has not the digest of its entry. */
export function readSmallFile(entry: FileEntry, cached: string): LocalFile & { readonly bytes: Buffer } {
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
  if (createHash("md5").update(found.bytes).digest("base64") !== entry.digest) throw changedFile(entry);
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

/** A range of a file that is uploaded by itself. */
export interface Part {
  /** From 1. */
  readonly partNumber: number;
  readonly start: number;
  /** The byte after the last one. */
  readonly end: number;
  readonly md5: Buffer;
}

/** The parts of a file with their digests, read once. Throws `invalid-file` when it has not the digest of its entry. */
export async function divide(
  entry: FileEntry,
  { path, stats }: LocalFile,
  partSize: number,
  signal?: AbortSignal,
): Promise<Part[]> {
  const whole = createHash("md5");
  const parts: Part[] = [];
  let part = createHash("md5");
  let start = 0;
  let position = 0;
  const finish = () => {
    parts.push({ partNumber: parts.length + 1, start, end: position, md5: part.digest() });
    part = createHash("md5");
    start = position;
  };
  const content = createReadStream(path, {
    end: stats.size - 1,
    highWaterMark: 1 << 20,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (let piece of content as AsyncIterable<Buffer>) {
    whole.update(piece);
    while (piece.length > 0) {
      const taken = piece.subarray(0, start + partSize - position);
      part.update(taken);
      position += taken.length;
      if (position - start === partSize) finish();
      piece = piece.subarray(taken.length);
    }
  }
  if (position > start) finish();
  if (whole.digest("base64") !== entry.digest) throw changedFile(entry);
  return parts;
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
