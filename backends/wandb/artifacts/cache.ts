import { constants, type Stats } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { messageOf } from "../../../src/errors.js";
import { generateId } from "../run/run-id.js";

/** Folder of W&B's caches: `WANDB_CACHE_DIR`, or the platform's place for it. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["WANDB_CACHE_DIR"];
  if (given) return given;
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

/** Where a cache has the content of a base64 MD5, as the official client puts it. */
export function cachedPath(cache: string, digest: string): string {
  const hex = Buffer.from(digest, "base64").toString("hex");
  return join(cache, "artifacts", "obj", "md5", hex.slice(0, 2), hex.slice(2));
}

/** A file whose content was found to have its digest. */
export interface CheckedFile {
  readonly path: string;
  readonly digest: string;
  /** Of the path, from before the content was checked. */
  readonly stats: Stats;
  /** Its content, when it is in memory anyway. */
  readonly bytes?: Buffer | undefined;
}

/** Keeps what was uploaded, so that a later download finds it. */
export interface FileCache {
  /** Keeps a file's content unless it is there already. Never rejects: an upload is good without it. */
  keep(file: CheckedFile): Promise<void>;
}

/**
 * @param cache `cacheFolder()`. The folders in it are made, and never followed where they are links.
 * @param isOurs whether a path is a copy of our own that nobody changes: it becomes the cached file without another copy.
 * @param onTrouble told once when the cache cannot be written; then nothing more is kept.
 */
export function createFileCache(
  cache: string,
  isOurs: (path: string) => boolean,
  onTrouble: (message: string) => void,
): FileCache {
  const folders = new Map<string, Promise<number>>();
  let broken = false;

  /** Makes the folder of a cached file; gives the permissions of what is put there: who may read the folder, may read it. */
  const prepare = (folder: string): Promise<number> => {
    const prepared = folders.get(folder) ?? makeOwnFolder(cache, folder);
    folders.set(folder, prepared);
    return prepared;
  };

  const put = async ({ path, digest, stats, bytes }: CheckedFile): Promise<void> => {
    const target = cachedPath(cache, digest);
    const mode = await prepare(dirname(target));
    // A second name of a user's file would change when the user changes the file.
    if (isOurs(path) && stats.nlink === 1) {
      if ((stats.mode & 0o777) !== mode) await chmod(path, mode);
      try {
        await link(path, target);
        return;
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EEXIST") return;
        if (code !== "EXDEV" && code !== "EPERM") throw error;
      }
    }
    if ((await lstat(target).catch(() => undefined))?.isFile()) return;
    const folder = join(cache, "artifacts", "tmp");
    await prepare(folder);
    const copy = join(folder, generateId(16));
    try {
      if (bytes === undefined)
        await copyFile(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      else await writeFile(copy, bytes, { flag: "wx" });
      await chmod(copy, mode);
      // A file that changed after it was checked is not what its name in the cache says.
      if (bytes === undefined && !isSame(await stat(path), stats)) await rm(copy);
      else await rename(copy, target);
    } catch (error) {
      await rm(copy, { force: true });
      throw error;
    }
  };

  return {
    async keep(file) {
      if (broken) return;
      try {
        await put(file);
      } catch (error) {
        if (!broken) onTrouble(`uploaded files are not kept in W&B's cache ${cache}: ${messageOf(error)}`);
        broken = true;
      }
    },
  };
}

const isSame = (a: Stats, b: Stats): boolean =>
  a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;

/** Makes a folder inside the cache; returns the permissions to read it. Refuses links, which could lead anywhere. */
async function makeOwnFolder(cache: string, folder: string): Promise<number> {
  makeFolder(cache);
  const parts = folder
    .slice(cache.length)
    .split(/[\\/]/)
    .filter((part) => part !== "");
  let path = cache;
  for (const part of parts) {
    path = join(path, part);
    await mkdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if (!(await lstat(path)).isDirectory())
      throw new Error(`${path} is a link or a file instead of a folder`);
  }
  return (await lstat(path)).mode & 0o444;
}
