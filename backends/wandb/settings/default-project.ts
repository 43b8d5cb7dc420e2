import { existsSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";

/** Project of a run for which nobody chose one: the git repository's name with the folder in it, else `uncategorized`. */
export function defaultProject(folder: string): string {
  const start = resolve(folder);
  for (let root = start; ; root = dirname(root)) {
    if (existsSync(join(root, ".git"))) {
      const below = relative(root, start).replaceAll("\\", "/").replaceAll("/", "_");
      const name = below === "" ? basename(root) : `${basename(root)}-${below}`;
      return name.replace(/[/\\#?%:]/g, "_").slice(0, 128);
    }
    if (dirname(root) === root) return "uncategorized";
  }
}
