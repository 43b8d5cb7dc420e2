import { readdirSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { TraceletError } from "../../../src/errors.js";

/** Whether there is a file of this path. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/**
 * Files below a folder, by their path in it with forward slashes. A folder that a link leads back to is not entered.
 *
 * @param onOther told of what is neither file nor folder: a link to nothing, a socket, a name that is no Unicode text
 */
export function filesBelow(root: string, onOther: (path: string) => void): string[] {
  if (!(statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw new TraceletError("invalid-value", `Artifact: "${root}" is not a folder that can be read.`, {
      backend: "wandb",
    });
  }
  const files: string[] = [];
  const walk = (folder: string, prefix: string, above: readonly string[]): void => {
    const real = realpathSync(folder);
    if (above.includes(real)) return;
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory()) walk(path, `${prefix}${name}/`, [...above, real]);
      else if (stats?.isFile()) files.push(`${prefix}${name}`);
      else onOther(path);
    }
  };
  walk(root, "", []);
  return files;
}
