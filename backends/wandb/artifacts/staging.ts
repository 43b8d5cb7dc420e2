import { chmodSync, constants, copyFileSync, linkSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { generateId } from "../run/run-id.js";

/**
 * How a file is kept until it is uploaded. `mutable`: a copy, so that the file may change or go; a file system that can
 * clone (Btrfs, XFS, APFS) shares the blocks until then. `immutable`: a hard link where possible, for files that
 * nobody changes in place.
 */
export type StagingPolicy = "mutable" | "immutable";

/** Folder of W&B's local data: `WANDB_DATA_DIR`, or the platform's place for it. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["WANDB_DATA_DIR"];
  if (given) return given;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "wandb");
  if (process.platform === "win32") {
    return join(environment["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "wandb", "wandb");
  }
  return join(environment["XDG_DATA_HOME"] || join(homedir(), ".local", "share"), "wandb");
}

/** Folder in which files wait for their upload, created. Throws `invalid-option` when it cannot be. */
export function stagingFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const folder = join(dataFolder(environment), "artifacts", "staging");
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new TraceletError(
      "invalid-option",
      `Cannot create ${folder}, where files of artifacts wait for their upload. Set WANDB_DATA_DIR to a folder that can be written.`,
      { backend: "wandb", cause },
    );
  }
  return folder;
}

/** Keeps a file's present content in the staging folder and returns its path there. */
export function stageFile(path: string, folder: string, policy: StagingPolicy): string {
  const staged = join(folder, generateId(16));
  if (policy === "immutable") {
    try {
      // A link even here: some releases of the official client delete what they have uploaded.
      linkSync(path, staged);
      return staged;
    } catch {
      // Another file system, or one without links.
    }
  }
  keep(staged, () => copyFileSync(path, staged, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE));
  chmodSync(staged, 0o400);
  return staged;
}

/** Keeps bytes as a file in the staging folder and returns its path there. */
export function stageBytes(bytes: Uint8Array | string, folder: string): string {
  const staged = join(folder, generateId(16));
  keep(staged, () => writeFileSync(staged, bytes, { flag: "wx", mode: 0o400 }));
  return staged;
}

/** Half a file on a full disk would stay there for ever. */
function keep(staged: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    rmSync(staged, { force: true });
    throw new TraceletError(
      "backend-failed",
      `Cannot keep a file of an artifact for its upload: ${messageOf(cause)}. WANDB_DATA_DIR says where to.`,
      { backend: "wandb", cause },
    );
  }
}
