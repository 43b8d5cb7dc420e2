import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { makeFolder } from "../../../src/backend/folder.js";
import { TraceletError } from "../../../src/errors.js";

/** Where the files of one run stand. */
export interface RunDirectory {
  /** `wandb/` or `.wandb/` with all runs. */
  readonly wandbDir: string;
  /** The run's own folder, `offline-run-20260102_030405-abcd1234`. */
  readonly syncDir: string;
  /** What is uploaded. */
  readonly filesDir: string;
  readonly logsDir: string;
  /** Staging of saved code. */
  readonly codeDir: string;
  /** The transaction log, `run-abcd1234.wandb`. */
  readonly logFile: string;
}

export interface RunDirectoryOptions {
  /** Parent of `wandb/`; the system's folder for temporary files is used when it cannot be written. */
  root: string;
  runId: string;
  startTime: Date;
  /** Offline runs are the ones that `wandb sync` takes by itself. */
  offline: boolean;
  /** Forces `.wandb` or `wandb`; default: `.wandb` where it exists. */
  dotWandb?: boolean | undefined;
  /** Whether `latest-run` points to it; default: yes. Never on Windows, where links need rights of their own. */
  symlink?: boolean | undefined;
}

/** Where the runs below a root are, if there are some; `.wandb` instead of `wandb` where it exists. */
export function wandbFolderIn(root: string, dotWandb?: boolean): string {
  return join(root, (dotWandb ?? existsSync(join(root, ".wandb"))) ? ".wandb" : "wandb");
}

/** The folder that holds all runs below a root, created; `.wandb` instead of `wandb` where it exists. */
export function wandbFolder(root: string, dotWandb?: boolean): string {
  for (const parent of [root, tmpdir()]) {
    try {
      const path = wandbFolderIn(parent, dotWandb);
      makeFolder(path);
      accessSync(path, constants.R_OK | constants.W_OK);
      return path;
    } catch {
      // The next place is tried.
    }
  }
  throw new TraceletError(
    "invalid-option",
    `Neither ${root} nor ${tmpdir()} can be written, so there is no place for the run. Set dir (or WANDB_DIR).`,
    { backend: "wandb" },
  );
}

/**
 * Creates the folder of a run with its parts and points `latest-run` to it, if it is to. A folder that exists already is left alone:
 * the name gets `-1`, `-2` and so on.
 */
export function createRunDirectory(options: RunDirectoryOptions): RunDirectory {
  const wandbDir = wandbFolder(options.root, options.dotWandb);
  const name = `${options.offline ? "offline-run" : "run"}-${timespec(options.startTime)}-${options.runId}`;
  let syncDir = join(wandbDir, name);
  for (let suffix = 1; !createdNew(syncDir); suffix++) syncDir = join(wandbDir, `${name}-${suffix}`);
  const filesDir = join(syncDir, "files");
  const logsDir = join(syncDir, "logs");
  const codeDir = join(syncDir, "tmp", "code");
  for (const folder of [filesDir, logsDir, codeDir]) makeFolder(folder);
  if (options.symlink !== false && process.platform !== "win32") pointLatest(wandbDir, syncDir);
  return {
    wandbDir,
    syncDir,
    filesDir,
    logsDir,
    codeDir,
    logFile: join(syncDir, `run-${options.runId}.wandb`),
  };
}

/** Removes the folder of a run that did not begin, and `latest-run` if it leads there. Never throws: what stays is told by sync. */
export function removeRunDirectory({ wandbDir, syncDir }: RunDirectory): void {
  const link = join(wandbDir, "latest-run");
  try {
    rmSync(syncDir, { recursive: true, force: true });
    if (readlinkSync(link) === basename(syncDir)) rmSync(link);
  } catch {
    // No link, or a folder that somebody else guards.
  }
}

/** `YYYYMMDD_HHMMSS` in local time, as `wandb clean` and `wandb leet` read it. */
export function timespec(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

function createdNew(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw new TraceletError(
      "backend-failed",
      `Cannot create the run's folder ${path}: ${(error as Error).message}`,
      {
        backend: "wandb",
        cause: error,
      },
    );
  }
}

/** Replaces the link in one step, so that it always leads somewhere. A system without links goes without. */
function pointLatest(wandbDir: string, syncDir: string): void {
  const link = join(wandbDir, "latest-run");
  const fresh = join(wandbDir, `latest-run.${process.pid}.${basename(syncDir)}`);
  try {
    symlinkSync(basename(syncDir), fresh);
    renameSync(fresh, link);
  } catch {
    rmSync(fresh, { force: true });
  }
}
