import { readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { maskSecretValues } from "../../../src/collectors/secrets.js";
import type { FilesRecord } from "../records/record.js";
import { inside, type ScriptPath } from "./script-path.js";

/**
 * Whether code is saved: `saveCode` says so (the caller's over `WANDB_SAVE_CODE`), and `WANDB_DISABLE_CODE` does not
 * forbid it. The official client lets the caller's `saveCode` overrule that; a cluster that forbids it is obeyed here.
 */
export function savesCode(settings: {
  readonly saveCode?: boolean;
  readonly disableCode?: boolean;
}): boolean {
  return settings.saveCode === true && settings.disableCode !== true;
}

/** What {@link saveScript} did: saved the script, or not and why. */
export type SavedScript =
  | {
      readonly record: FilesRecord;
      /** `code/<path>`: what the run's config holds as `_wandb.code_path`. */
      readonly codePath: string;
    }
  | { readonly skipped: string };

/**
 * Copies the script into the run's files as `code/<path in the repository>`. Secrets in it are masked. A script outside
 * the repository (or the working directory, where there is none), also one that only a link inside leads to, is
 * not copied, nor is one of more than `maxBytes`.
 *
 * @param script - of `findScript`
 * @param root - the git working tree, or the working directory
 */
export function saveScript(
  script: ScriptPath,
  root: string,
  filesDir: string,
  options: { readonly maxBytes?: number } = {},
): SavedScript {
  const { maxBytes = 10 * 1024 * 1024 } = options;
  const { program, codePath } = script;
  try {
    if (codePath === undefined || inside(realpathSync(root), realpathSync(program)) === undefined) {
      return { skipped: `${program} is not inside ${root}, so it is not saved as code` };
    }
    const { size } = statSync(program);
    if (size > maxBytes) return { skipped: `${program} has ${size} bytes, too many to save it as code` };
    const path = `code/${codePath}`;
    const target = join(filesDir, ...path.split("/"));
    makeFolder(dirname(target));
    // One character a byte: the copy is exact whatever the encoding.
    writeFileSync(target, maskSecretValues(readFileSync(program, "latin1")), "latin1");
    return { record: { files: [{ path, policy: "NOW", type: "WANDB" }] }, codePath: path };
  } catch (error) {
    return { skipped: `${program} is not saved as code: ${(error as Error).message}` };
  }
}
