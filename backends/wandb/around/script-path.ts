import { realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { isAbsolute, join, relative, resolve, sep } from "node:path";

/** The script of a run and its place, in the forms W&B records. */
export interface ScriptPath {
  /** Absolute. */
  readonly program: string;
  /** Relative to the git working tree, or to the working directory outside of one; absent when it is not in there. */
  readonly codePath?: string;
  /** Relative to the working directory; absent when it is not in there. */
  readonly codePathLocal?: string;
}

/**
 * Finds the file that a script's name in `process.argv` stands for: as Node does, `train` may be `train.js` and a folder
 * its package's main file. Undefined when there is none (`node -e`, the prompt).
 */
export function findScript(
  script: string | undefined,
  cwd: string,
  gitRoot?: string,
): ScriptPath | undefined {
  if (script === undefined || script === "") return undefined;
  const program = scriptFile(resolve(cwd, script));
  if (program === undefined) return undefined;
  const codePath = inside(gitRoot ?? cwd, program);
  const codePathLocal = inside(cwd, program);
  return {
    program,
    ...(codePath !== undefined && { codePath }),
    ...(codePathLocal !== undefined && { codePathLocal }),
  };
}

function scriptFile(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  try {
    return createRequire(join(path, "noop.js")).resolve(path);
  } catch {
    return undefined;
  }
}

/** The path of a file relative to a folder, with forward slashes; undefined when it is not below it. */
export function inside(folder: string, file: string): string | undefined {
  // git names its working tree by the real path, the script may be called through a link.
  for (const [top, path] of [
    [folder, file],
    [real(folder), real(file)],
  ] as const) {
    const found = relative(top, path);
    if (found !== "" && found !== ".." && !found.startsWith(`..${sep}`) && !isAbsolute(found)) {
      return found.split(sep).join("/");
    }
  }
  return undefined;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
