import { existsSync, lstatSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../../../src/backend/folder.js";
import { TraceletError } from "../../../../src/errors.js";
import { generateId } from "../../run/run-id.js";

/** Names that Windows takes for devices, whatever their ending. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³]) *(\.|$)/i;

/**
 * What is wrong with a path that a server gave; undefined when it names a file below any folder it is joined to. A
 * backslash is a character of a name on POSIX, but may lead out nowhere: the path must be harmless read either way.
 */
export function pathFlaw(path: string, platform: NodeJS.Platform = process.platform): string | undefined {
  if (path === "") return "is empty";
  if (path.includes("\0")) return "has a NUL";
  if (/^[/\\]/.test(path)) return "is absolute";
  if (/^[A-Za-z]:/.test(path)) return "begins with a drive";
  if (path.split("/").some((part) => part === "" || part === ".")) return "has an empty part";
  const parts = path.split(/[/\\]/);
  if (parts.includes("..")) return "leads out of its folder";
  if (platform === "win32") {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (/[\\:*?"<>|\u0001-\u001f]/.test(path)) return "has characters that Windows keeps for itself";
    if (parts.some((part) => WINDOWS_DEVICE.test(part) || /[. ]$/.test(part)))
      return "has a name that Windows keeps for itself";
  }
  return undefined;
}

/**
 * Checks the paths of all files that are to stand in one folder.
 *
 * @param ignoresCase whether the folder's file system takes names that differ in case for one; asked only if there are such
 * @throws TraceletError `invalid-file` for a path that could lead out, for two paths that would be one file, and for one
 * that is a file and a folder at once
 */
export function checkPaths(paths: Iterable<string>, what: string, ignoresCase: () => boolean): void {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const fold = (path: string): string => path.normalize("NFC").toLowerCase();
  const exact = new Set(paths);
  const clashes: (readonly [string, string])[] = [];
  for (const path of exact) {
    const flaw = pathFlaw(path);
    if (flaw !== undefined) refuse(what, `the path ${JSON.stringify(path)} ${flaw}`);
    const twin = files.get(fold(path));
    if (twin !== undefined) clashes.push([path, twin]);
    files.set(fold(path), path);
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const folder = path.slice(0, slash);
      if (exact.has(folder)) refuse(what, `${JSON.stringify(folder)} is a file and a folder at once`);
      const other = folders.get(fold(folder));
      if (other !== undefined && other !== folder) clashes.push([folder, other]);
      folders.set(fold(folder), folder);
    }
  }
  for (const [folder, name] of folders) {
    const file = files.get(folder);
    if (file !== undefined) clashes.push([file, name]);
  }
  const [clash] = clashes;
  if (clash !== undefined && ignoresCase()) {
    const [one, two] = clash.map((path) => JSON.stringify(path));
    refuse(what, `${one} and ${two} are one name in this file system; choose a folder that tells case apart`);
  }
}

/** Whether a folder's file system takes names that differ in case for one. */
export function ignoresCase(folder: string): boolean {
  const name = `.tracelet-${generateId(8)}`;
  writeFileSync(join(folder, name), "", { flag: "wx" });
  try {
    return existsSync(join(folder, name.toUpperCase()));
  } finally {
    rmSync(join(folder, name), { force: true });
  }
}

/** A folder that files from a server are written to. */
export interface TargetFolder {
  readonly root: string;
  /**
   * Where a checked path stands, with its folders made. Folders below the root are never followed through links: what
   * is written stays in the folder.
   *
   * @throws TraceletError `invalid-file` when a link or a file stands where a folder of the path has to be
   */
  place(path: string): string;
}

/** Makes the folder. The root itself is the user's choice and may be a link. */
export function targetFolder(root: string): TargetFolder {
  makeFolder(root);
  const made = new Set<string>();
  return {
    root,
    place(path) {
      const parts = path.split("/");
      const name = parts.pop()!;
      let folder = root;
      for (const part of parts) {
        folder = join(folder, part);
        if (made.has(folder)) continue;
        const stats = lstatSync(folder, { throwIfNoEntry: false });
        if (stats === undefined) mkdirSync(folder);
        else if (!stats.isDirectory()) {
          const found = stats.isSymbolicLink() ? "a link" : "no folder";
          refuse(root, `${folder} is ${found}; remove it, or choose another folder`);
        }
        made.add(folder);
      }
      return join(folder, name);
    },
  };
}

function refuse(what: string, rule: string): never {
  throw new TraceletError("invalid-file", `${what}: ${rule}.`, { backend: "wandb" });
}
