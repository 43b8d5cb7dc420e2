import { createHash } from "node:crypto";
import { chmod, constants, copyFile, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateId } from "../../run/run-id.js";
import { digestOfContent } from "../digests/digest.js";
import type { Digester } from "../digests/digester.js";
import type { DigestAlgorithm } from "../digests/hasher.js";

/** Where a cache has what was at an address, by its ETag, as the official client puts it. */
export function etagPath(cache: string, url: string, etag: string): string {
  const hash = createHash("sha256");
  for (const text of [url, etag]) hash.update(createHash("sha256").update(text).digest());
  const hex = hash.digest("hex");
  return join(cache, "artifacts", "obj", "etag", hex.slice(0, 2), hex.slice(2));
}

/** Up to this size a file is read sooner than another thread is asked. */
const READ_HERE = 1 << 20;

/** Files that are on their way into the cache. */
export const partsFolder = (cache: string): string => join(cache, "artifacts", "tmp");

/** Content that is known by a digest. */
export interface KnownContent {
  readonly digest: string;
  readonly algorithm: DigestAlgorithm;
}

/**
 * Whether there is a regular file of this size and, if one is given, digest. Links count as none.
 *
 * @param digester reads large files in a thread of its own; without it they are read here
 */
export async function holds(
  path: string,
  size: number | undefined,
  content?: KnownContent,
  digester?: Digester,
): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile() || (size !== undefined && stats.size !== size)) return false;
  if (content === undefined) return true;
  const { digest, algorithm } = content;
  if (digester === undefined || stats.size <= READ_HERE)
    return (await digestOfContent(path, algorithm)) === digest;
  const { whole } = await digester.digest({ path, size: stats.size, algorithms: [algorithm] });
  return whole[algorithm] === digest;
}

/** Puts a copy of a file at `target`, which is there whole or not at all. */
export async function copyInto(source: string, target: string): Promise<void> {
  await rename(await copyBeside(source, target), target);
}

/** Makes a copy of a file in the folder of `target`, to be renamed to it; the blocks are shared where they can be. */
export async function copyBeside(source: string, target: string): Promise<string> {
  const copy = temporaryBeside(target);
  try {
    await copyFile(source, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // Cached files may be read-only; a user's own copy is not.
    await chmod(copy, (await stat(copy)).mode | 0o200);
    return copy;
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
