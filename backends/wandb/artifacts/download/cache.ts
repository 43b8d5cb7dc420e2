import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, constants, copyFile, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { generateId } from "../../run/run-id.js";

/*
 * The folder in which the official client, too, keeps files of artifacts: each under the hash of its content, so that what
 * one of them has downloaded the other need not.
 */

/** `WANDB_CACHE_DIR`, or the platform's place for caches; below it `artifacts`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment["WANDB_CACHE_DIR"] || platformCache(environment), "artifacts");
}

function platformCache(environment: NodeJS.ProcessEnv): string {
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "wandb");
  if (process.platform === "win32") {
    return join(
      environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"),
      "wandb",
      "wandb",
      "Cache",
    );
  }
  return join(environment["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "wandb");
}

/** Where a file with this digest (base64 MD5) is kept. */
export function contentPath(cache: string, digest: string): string {
  return join(cache, "obj", "md5", ...split(Buffer.from(digest, "base64").toString("hex")));
}

/** Where what an address had is kept, by its ETag. */
export function etagPath(cache: string, url: string, etag: string): string {
  const hash = createHash("sha256");
  for (const text of [url, etag]) hash.update(createHash("sha256").update(text).digest());
  return join(cache, "obj", "etag", ...split(hash.digest("hex")));
}

const split = (hex: string): [string, string] => [hex.slice(0, 2), hex.slice(2)];

/** Files that are on their way into the cache. */
export const partsFolder = (cache: string): string => join(cache, "tmp");

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
