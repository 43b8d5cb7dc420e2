import type { BigIntStats } from "node:fs";
import { lstat, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { partPattern } from "../around/file-glob.js";

/** A run file as it stands on the disk. */
export interface FoundFile {
  /** Where its content is, links followed. */
  readonly path: string;
  readonly size: number;
  /** Changes when the content does: which file, how long, when it was written. */
  readonly version: string;
}

/** A run file that is not there, however often it is looked for. */
export class MissingFile extends Error {
  override readonly name = "MissingFile";
}

/**
 * The name under which a run file is known to the server, with forward slashes: its path below the run's `files/`.
 *
 * @returns undefined when it would be outside.
 */
export function runFileName(filesDir: string, path: string): string | undefined {
  if (path.includes("\0") || isAbsolute(path)) return undefined;
  const name = relative(filesDir, resolve(filesDir, path));
  if (name === "" || name === ".." || name.startsWith(`..${sep}`) || isAbsolute(name)) return undefined;
  return sep === "/" ? name : name.split(sep).join("/");
}

/**
 * Looks up a run file. Only what is a file counts: a pipe or device that stands in its place would never end.
 *
 * A name cannot lead out of `filesDir`, but a link in it can, and both the folder and its log may come from somebody else:
 * syncing them must not send this machine's files to a server. So links count only when they lead to a place inside,
 * unless the caller knows that this run itself made them, as saving a file with the policies `live` and `end` does. Of a run
 * that was most likely made here, `same-owner`, they count when whoever made the link owns what it leads to.
 *
 * @throws MissingFile when there is none, another Error that says why it cannot be uploaded
 */
export async function findRunFile(
  filesDir: string,
  name: string,
  ownLinks: boolean | "same-owner",
): Promise<FoundFile> {
  let path: string;
  let stats: BigIntStats;
  try {
    path = await realpath(resolve(filesDir, name));
    stats = await stat(path, { bigint: true });
  } catch (error) {
    const isMissing = ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
    if (isMissing) throw new MissingFile("there is no such file", { cause: error });
    throw error;
  }
  const folder = await realpath(filesDir);
  const isOwn = ownLinks === "same-owner" ? await isOwnersLink(folder, filesDir, name, stats) : ownLinks;
  if (!isOwn && runFileName(folder, relative(folder, path)) === undefined) {
    throw new Error(
      "it is a link out of the run's folder; replace it by the file itself to have it uploaded",
    );
  }
  if (!stats.isFile()) throw new Error("it is not a file");
  return {
    path,
    size: Number(stats.size),
    version: `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs}`,
  };
}

/** Whether a name is itself a link, not one below a linked folder, and of the owner of what it leads to. */
async function isOwnersLink(
  folder: string,
  filesDir: string,
  name: string,
  target: BigIntStats,
): Promise<boolean> {
  const path = resolve(filesDir, name);
  const parent = relative(folder, await realpath(dirname(path)));
  const isInside = parent === "" || runFileName(folder, parent) !== undefined;
  const { uid } = await lstat(path, { bigint: true });
  return isInside && uid === target.uid;
}

/**
 * Whether a name matches one of the patterns of files not to upload. As the official client's (Go's `filepath.Match`), a
 * pattern is for the whole path: `*` and `?` do not match a slash, and do match a dot at the start of a name.
 */
export function ignores(patterns: readonly string[]): (name: string) => boolean {
  const expressions = patterns.map((pattern) => pattern.split("/").map((part) => partPattern(part, true)));
  return (name) => {
    const parts = name.split("/");
    return expressions.some(
      (each) =>
        each.length === parts.length && each.every((expression, index) => expression.test(parts[index]!)),
    );
  };
}
