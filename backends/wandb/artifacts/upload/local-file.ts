import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
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
export async function findFile(entry: FileEntry, cached: string): Promise<LocalFile> {
  const size = entry.size ?? 0;
  let changed = false;
  for (const path of [entry.localPath, cached]) {
    const stats = await stat(path).catch(() => undefined);
    if (!stats?.isFile()) continue;
    if (stats.size === size) return { path, stats };
    changed = path === entry.localPath;
  }
  throw changed ? changedFile(entry) : missingFile(entry);
}

/** Reads a file. Throws `invalid-file` when it has not the digest of its entry. */
export async function readChecked(entry: FileEntry, { path }: LocalFile): Promise<Buffer> {
  const bytes = await readFile(path).catch(() => {
    throw missingFile(entry);
  });
  if (createHash("md5").update(bytes).digest("base64") !== entry.digest) throw changedFile(entry);
  return bytes;
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

export function missingFile({ path, localPath }: FileEntry): TraceletError {
  return new TraceletError(
    "invalid-file",
    `the file of "${path}" is not at ${localPath} any more; put it back and sync again`,
    { backend: "wandb" },
  );
}

export function changedFile({ path, localPath }: FileEntry): TraceletError {
  return new TraceletError(
    "invalid-file",
    `the file of "${path}", ${localPath}, has changed since it was added; put back what was added and sync again, or log the artifact anew`,
    { backend: "wandb" },
  );
}
