import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { RunDescription } from "../../src/backend/contract.js";
import { makeFolder } from "../../src/backend/folder.js";
import { TraceletError } from "../../src/errors.js";
import type { TensorBoardOptions } from "./options.js";
import { placeInside } from "./run-folder.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** torch's default name of a run, in local time. */
function timeName(seconds: number): string {
  const date = new Date(seconds * 1000);
  const pad = (value: number) => String(value).padStart(2, "0");
  const day = `${MONTHS[date.getMonth()]}${pad(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join("-");
  return `${day}_${time}_${hostname()}`;
}

/** Creates a folder of this name or, if it exists, of this name and a number; no two processes get the same one. */
export function makeUniqueFolder(path: string): string {
  makeFolder(resolve(path, ".."));
  for (let i = 0; ; i++) {
    const candidate = i === 0 ? path : `${path}-${i}`;
    try {
      mkdirSync(candidate);
      return candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/**
 * The absolute folder of a run. Where several processes of a job log, they all have one name: their runs' ids keep them apart,
 * and bring the writers of one run together.
 *
 * @throws TraceletError `backend-failed` when it cannot be created.
 */
export function resolveLogDir(
  { logDir, comment = "" }: TensorBoardOptions,
  {
    dir,
    id,
    name: runName,
    startTime,
    rank,
  }: Pick<RunDescription, "dir" | "id" | "name" | "startTime" | "rank">,
): string {
  if (logDir !== undefined) {
    const folder = resolve(dir, logDir);
    return rank === undefined || rank.shared ? folder : placeInside(folder, id);
  }
  const root = join(dir, "runs");
  if (rank !== undefined)
    return placeInside(root, (runName === undefined ? "" : `${runName}-`) + id + comment);
  const name = runName ?? timeName(startTime) + comment;
  try {
    return makeUniqueFolder(placeInside(root, name));
  } catch (cause) {
    const message = `Cannot create a run folder in ${root}: ${(cause as Error).message}. Set another logDir or dir.`;
    throw new TraceletError("backend-failed", message, { backend: "tensorboard", cause });
  }
}
