import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder with its parents, unless it exists. In place of Node's own `recursive`, which never returns where
 * the system calls a parent that exists missing (below `/proc`, or a folder that only an automounter may fill).
 *
 * @throws the system's error, e.g. `ENOTDIR` below a file
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) {
      makeFolder(dirname(path));
      makeLast(path);
      return;
    }
    // A read-only file system says so even of folders that exist.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** The last step, tried once; another process may have made it meanwhile. */
function makeLast(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
