import { rmSync } from "node:fs";
import { resolve, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { messageOf } from "../../../../src/errors.js";

/** The copies that clients made of what was added. */
export interface StagedFiles {
  /** Whether a path is such a copy. */
  includes(path: string): boolean;
  /** Removes those of the paths that are such copies; everything else is the user's. Never rejects. */
  remove(paths: Iterable<string | undefined>): Promise<void>;
}

/** @param folder where clients put them; nothing outside of it is removed. */
export function createStagedFiles(folder: string, onTrouble: (message: string) => void): StagedFiles {
  const beginning = resolve(folder) + sep;
  const includes = (path: string): boolean => resolve(path).startsWith(beginning);
  return {
    includes,
    async remove(paths) {
      let removed = 0;
      try {
        for (const path of new Set(paths)) {
          if (!path || !includes(path)) continue;
          rmSync(path, { force: true });
          // Other work of the thread goes on between.
          if (++removed % 50 === 0) await setImmediate();
        }
      } catch (error) {
        onTrouble(`copies of uploaded files stay in ${folder}: ${messageOf(error)}`);
      }
    },
  };
}
