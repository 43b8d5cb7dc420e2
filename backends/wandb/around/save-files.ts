import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { TraceletError } from "../../../src/errors.js";
import type { FilesRecord } from "../records/record.js";
import { generateId } from "../run/run-id.js";
import { expandGlob, isPattern } from "./file-glob.js";

/** When a saved file is uploaded: as often as it changes, once at once, or once when the run ends. */
export type SavePolicy = "live" | "now" | "end";

/** How files are saved with a run. */
export interface SaveOptions {
  /** Folder whose inner structure is kept; it must contain the files. Default: the working directory. */
  readonly basePath?: string;
  /** Default `live`. */
  readonly policy?: SavePolicy;
  /** False takes the path literally, for names with `*`, `?` or `[`. Default true. */
  readonly glob?: boolean;
}

/** Where {@link saveFiles} works. */
export interface SavePlace {
  readonly cwd: string;
  /** The run's `files/`. */
  readonly filesDir: string;
  /** `wandb/` with all runs: never searched. */
  readonly wandbDir: string;
  /** Whether files are linked by their paths; default: yes. Never on Windows, where such links need rights of their own. */
  readonly symlink?: boolean | undefined;
}

/** What {@link saveFiles} did. */
export interface SavedFiles {
  /** Absolute paths inside the run's files, sorted. */
  readonly paths: string[];
  readonly record: FilesRecord;
  /** Matches that could not be saved, and why. */
  readonly problems: readonly string[];
}

/**
 * Saves files with a run: puts them into the run's `files/` and names them in the record that has them uploaded. A
 * pattern is expanded now; files that appear later are not picked up. Files that already stand in the run's folder under
 * a matching path are named too.
 *
 * `now` keeps a copy of the present content (one that shares the blocks where the file system can). `live` and `end`
 * link to the file, so that later content counts; {@link settleSaved} makes that independent of the file when the run ends.
 * Without `symlink` they are a second name of the file, which follows only what is written into the same file.
 *
 * Without `basePath`, a relative path keeps its folders, and an absolute path the last one of them.
 *
 * @param pattern - a path, or a pattern with `*`, `?`, `[...]` and `**`
 * @throws TraceletError `invalid-value` for a path outside the base, the base itself, a pattern that begins with `*`
 *   below it, a folder, an address of a cloud store, or an unknown policy
 */
export function saveFiles(pattern: string, place: SavePlace, options: SaveOptions = {}): SavedFiles {
  const { policy = "live", glob = true } = options;
  if (!Object.hasOwn(POLICIES, policy)) {
    refuse(`policy is one of ${Object.keys(POLICIES).join(", ")}, not ${JSON.stringify(policy)}`);
  }
  if (typeof pattern !== "string" || pattern === "") refuse("the path is a text that is not empty");
  if (/^(s3|gs|https?|abfss?|az):\/\//i.test(pattern)) {
    refuse(`${pattern} is an address, and only local files can be saved; use addReference() of an artifact`);
  }
  const full = resolve(place.cwd, pattern);
  const base = baseOf(pattern, full, place.cwd, options.basePath);
  const below = relative(base, full).split(sep).join("/");
  if (below === "" || below === ".." || below.startsWith("../") || isAbsolute(below)) {
    refuse(`${full} is not inside the base path ${base}; give a basePath that contains it`);
  }
  if (glob && /^\*\*?(\/|$)/.test(below)) {
    refuse(`the pattern "${below}" begins with "*" below the base path ${base}; name a folder first`);
  }
  if ((!glob || !isPattern(below)) && statSync(full, { throwIfNoEntry: false })?.isDirectory()) {
    refuse(`${full} is a folder; to save the files in it, write "${pattern.replace(/[\\/]+$/, "")}/**"`);
  }

  const search = (folder: string): string[] => {
    // A pattern does not look into runs.
    if (glob) return expandGlob(folder, below, (path) => path === place.wandbDir);
    const path = join(folder, ...below.split("/"));
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? [] : [path];
  };
  const sources = search(base);
  const inPlace = search(place.filesDir);

  const saved = new Map<string, "NOW" | "END" | "LIVE">();
  const problems: string[] = [];
  for (const source of sources) {
    const path = relative(base, source).split(sep).join("/");
    try {
      saved.set(path, putInPlace(source, join(place.filesDir, path), policy, place.symlink));
    } catch (error) {
      problems.push(`${source} is not saved: ${(error as Error).message}`);
    }
  }
  for (const path of inPlace) {
    const name = relative(place.filesDir, path).split(sep).join("/");
    if (!saved.has(name) && isFile(path)) saved.set(name, POLICIES[policy]);
  }
  if (saved.size === 0 && problems.length === 0) {
    const literal = glob && lstatSync(full, { throwIfNoEntry: false }) !== undefined;
    problems.push(
      literal
        ? `"${pattern}" matches no file as a pattern, but there is a file of that name: set glob to false`
        : `"${pattern}" matches no file`,
    );
  }
  return {
    paths: [...saved.keys()].map((path) => join(place.filesDir, ...path.split("/"))).sort(),
    record: { files: [...saved].map(([path, when]) => ({ path, policy: when, type: "OTHER" })) },
    problems,
  };
}

const POLICIES = { live: "LIVE", now: "NOW", end: "END" } as const;

function baseOf(pattern: string, full: string, cwd: string, given: string | undefined): string {
  if (given !== undefined) return resolve(cwd, given);
  return isAbsolute(pattern) ? dirname(dirname(full)) : resolve(cwd);
}

/** Returns the policy that holds: a file that cannot be linked is uploaded as it is now. */
function putInPlace(
  source: string,
  target: string,
  policy: SavePolicy,
  symlink = true,
): "NOW" | "END" | "LIVE" {
  const stats = statSync(source);
  if (!stats.isFile()) throw new Error("it is not a file");
  const there = lstatSync(target, { throwIfNoEntry: false });
  if (there !== undefined && !there.isSymbolicLink() && there.ino === stats.ino && there.dev === stats.dev) {
    return POLICIES[policy];
  }
  makeFolder(dirname(target));
  if (policy !== "now") {
    const link = symlink && process.platform !== "win32" ? symlinkSync : linkSync;
    try {
      replace(target, (fresh) => link(source, fresh));
      return POLICIES[policy];
    } catch {
      // A file system without links.
    }
  }
  replace(target, (fresh) => copyFileSync(source, fresh, constants.COPYFILE_FICLONE));
  return "NOW";
}

/** Makes a file beside its place and moves it there in one step. */
function replace(target: string, make: (fresh: string) => void): void {
  const fresh = `${target}.${generateId()}`;
  try {
    make(fresh);
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
}

/**
 * Replaces the links of saved files by the files themselves when a run ends, so that it can be synced after they are gone
 * and from another machine: a second name of the same file where the file system can, else a copy.
 *
 * @param paths - as in the records
 * @returns why some could not be kept
 */
export function settleSaved(filesDir: string, paths: Iterable<string>): string[] {
  const problems: string[] = [];
  for (const path of paths) {
    const target = join(filesDir, ...path.split("/"));
    try {
      if (!lstatSync(target).isSymbolicLink()) continue;
      replace(target, (fresh) => keepContent(target, fresh));
    } catch (error) {
      problems.push(`the saved file ${path} is gone: ${(error as Error).message}`);
    }
  }
  return problems;
}

function keepContent(link: string, fresh: string): void {
  try {
    linkSync(realpathSync(link), fresh);
  } catch {
    copyFileSync(link, fresh, constants.COPYFILE_FICLONE);
  }
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `save: ${rule}.`, { backend: "wandb" });
}
