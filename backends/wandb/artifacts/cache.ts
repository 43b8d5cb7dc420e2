import {
  chmodSync,
  constants,
  linkSync,
  lstatSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { copyFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { messageOf } from "../../../src/errors.js";
import { generateId } from "../run/run-id.js";
import type { DigestAlgorithm } from "./digests/hasher.js";

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

/** Where a cache has the content of a base64 digest, as the official client puts it (`artifact_file_cache.py`). */
export function cachedPath(cache: string, digest: string, algorithm: DigestAlgorithm): string {
  const hex = Buffer.from(digest, "base64").toString("hex");
  return join(cache, "artifacts", "obj", algorithm.toLowerCase(), hex.slice(0, 2), hex.slice(2));
}

/** A file whose content was found to have its digest. */
export interface CheckedFile {
  readonly path: string;
  readonly digest: string;
  readonly algorithm: DigestAlgorithm;
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
 * Its steps are synchronous but for the copy of a large file: through Node's thread pool a small file costs several times
 * as much as all of its upload.
 *
 * @param cache `cacheFolder()`. The folders in it are made, and never followed where they are links.
 * @param isOurs whether a path is a copy of our own that nobody changes: it becomes the cached file without another copy.
 * @param onTrouble told once when the cache cannot be written; then nothing more is kept.
 */
export function createFileCache(
  cache: string,
  isOurs: (path: string) => boolean,
  onTrouble: (message: string) => void,
): FileCache {
  const folders = new Map<string, number>();
  let broken = false;

  /** Makes the folder of a cached file; gives the permissions of what is put there: who may read the folder, may read it. */
  const prepare = (folder: string): number => {
    const prepared = folders.get(folder) ?? makeOwnFolder(cache, folder);
    folders.set(folder, prepared);
    return prepared;
  };

  const put = async ({ path, digest, algorithm, stats, bytes }: CheckedFile): Promise<void> => {
    const target = cachedPath(cache, digest, algorithm);
    const mode = prepare(dirname(target));
    if (lstatSync(target, { throwIfNoEntry: false })?.isFile()) return;
    // A second name of a user's file would change when the user changes the file.
    if (isOurs(path) && stats.nlink === 1 && giveName(path, target, mode)) return;
    const folder = join(cache, "artifacts", "tmp");
    prepare(folder);
    const copy = join(folder, generateId(16));
    try {
      if (bytes === undefined) {
        await copyFile(path, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        chmodSync(copy, mode);
        // A file that changed after it was checked is not what its name in the cache says.
        if (!isSame(statSync(path), stats)) return rmSync(copy);
      } else {
        writeFileSync(copy, bytes, { flag: "wx", mode });
      }
      renameSync(copy, target);
    } catch (error) {
      rmSync(copy, { force: true });
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

/** Gives a file that nobody changes its name in the cache, too. False where the file system has no such thing. */
function giveName(path: string, target: string, mode: number): boolean {
  chmodSync(path, mode);
  try {
    linkSync(path, target);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
}

/** Makes a folder inside the cache; returns the permissions to read it. Refuses links, which could lead anywhere. */
function makeOwnFolder(cache: string, folder: string): number {
  makeFolder(cache);
  let path = cache;
  for (const part of relative(cache, folder).split(sep)) {
    path = join(path, part);
    makeFolder(path);
    if (!lstatSync(path).isDirectory()) throw new Error(`${path} is a link instead of a folder`);
  }
  return lstatSync(path).mode & 0o444;
}
