import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { Artifact } from "../artifacts/artifact.js";

/** Which files `logCode` keeps. Functions get the absolute path and the root. */
export interface LogCodeOptions {
  /** Name of the artifact; default made from project and script. */
  name?: string;
  /** Default: `.js`, `.mjs`, `.cjs`, `.ts`, `.mts`, `.cts`, `package.json`, Dockerfiles. */
  includeFn?: (path: string, root: string) => boolean;
  /** Default: what is below `wandb/`, `.wandb/`, `node_modules/` and `.git/`. */
  excludeFn?: (path: string, root: string) => boolean;
}

const INCLUDED = /(\.[cm]?[jt]sx?|(^|[\\/])package\.json|(^|[\\/])Dockerfile[^\\/]*)$/;
const EXCLUDED = new Set(["wandb", ".wandb", "node_modules", ".git"]);

/** The artifact of source files below a folder; undefined when none is included. */
export function codeArtifact(root: string, name: string, options: LogCodeOptions): Artifact | undefined {
  const top = resolve(root);
  const include = options.includeFn ?? ((path: string) => INCLUDED.test(path));
  const exclude =
    options.excludeFn ??
    ((path: string) =>
      relative(top, path)
        .split(sep)
        .some((part) => EXCLUDED.has(part)));
  const artifact = Artifact.internal(name, "code");
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder).sort()) {
      const path = join(folder, entry);
      const stats = statSync(path, { throwIfNoEntry: false });
      // A folder that is excluded is not walked through: node_modules has tens of thousands of files.
      if (stats?.isDirectory() && !exclude(path, top)) walk(path);
      else if (stats?.isFile() && include(path, top) && !exclude(path, top)) {
        artifact.addFile(path, { name: relative(top, path).split(sep).join("/") });
      }
    }
  };
  walk(top);
  return artifact.paths.length === 0 ? undefined : artifact;
}

/** A name that artifacts may have: other characters become `_`, and the middle of a long one goes. */
export function codeArtifactName(project: string, program: string): string {
  const name = `source-${project}-${program}`.replace(/[^\w\-.]/g, "_");
  return name.length <= 128 ? name : `${name.slice(0, 63)}..${name.slice(-63)}`;
}
