import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, constants, copyFile, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateId } from "../../run/run-id.js";

/** Where a cache has what was at an address, by its ETag, as the official client puts it. */
export function etagPath(cache: string, url: string, etag: string): string {
  const hash = createHash("sha256");
  for (const text of [url, etag]) hash.update(createHash("sha256").update(text).digest());
  const hex = hash.digest("hex");
  return join(cache, "artifacts", "obj", "etag", hex.slice(0, 2), hex.slice(2));
}

/** Files that are on their way into the cache. */
export const partsFolder = (cache: string): string => join(cache, "artifacts", "tmp");

/** The base64 MD5 of a file. */
export async function md5OfFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("md5");
  const stream = createReadStream(path, {
    highWaterMark: 1 << 20,
    ...(signal === undefined ? {} : { signal }),
  });
  for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("base64");
}

/** Whether there is a regular file of this size and, if one is given, digest. Links count as none. */
export async function holds(path: string, size: number | undefined, digest?: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile() || (size !== undefined && stats.size !== size)) return false;
  return digest === undefined || (await md5OfFile(path)) === digest;
}

/** Puts a copy of a file at `target`, which is there whole or not at all; the blocks are shared where they can be. */
export async function copyInto(source: string, target: string): Promise<void> {
  const copy = temporaryBeside(target);
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // Cached files may be read-only; a user's own copy is not.
    await chmod(copy, (await stat(copy)).mode | 0o200);
    await rename(copy, target);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
}

/** Moves a complete file into the cache; another process may have done so meanwhile, with the same content. */
export async function moveInto(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await rename(source, target);
}

/** A name of its own in the folder of `target`. */
export const temporaryBeside = (target: string): string => join(dirname(target), `.${generateId(16)}.tmp`);
