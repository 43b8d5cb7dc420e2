import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { RunRecord } from "../records/record.js";
import { isBeingWritten, readWriterFile, type Writer } from "../run/writer-file.js";
import { type Cursor, cursorFile, readCursor, syncedMark } from "../sender/cursor.js";
import { hasExit, readRunHead } from "./run-head.js";

/** A run's transaction log on this machine. */
export interface FoundRun {
  readonly logFile: string;
  readonly bytes: number;
  /** Undefined when the log has none that can be read: `problem` says why. */
  readonly run: RunRecord | undefined;
  /** Undefined for a log of another client. */
  readonly writer: Writer | undefined;
  /** Why it cannot be sent. */
  readonly problem: string | undefined;
}

/** Why a run is left alone. */
export type SkipReason = "synced" | "being-written" | "sent-online" | "empty";

/** A log of a path, and whether the path names it, or a folder of runs. */
export interface FoundLog {
  readonly logFile: string;
  readonly isNamed: boolean;
}

/**
 * The logs that paths stand for: `.wandb` files, run folders, folders of runs (`wandb/`), and folders that have one. Each
 * log is there once, by whichever of its names (`latest-run` is a link).
 *
 * @returns `missing`: paths where there is nothing, or something else
 */
export function findLogFiles(paths: readonly string[]): {
  readonly logs: readonly FoundLog[];
  readonly missing: readonly string[];
} {
  const logs = new Map<string, FoundLog>();
  const missing: string[] = [];
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    const found = stats === undefined ? undefined : logsAt(path, stats.isDirectory());
    if (found === undefined) missing.push(path);
    for (const log of found ?? []) {
      const { dev, ino } = statSync(log.logFile);
      const id = `${dev} ${ino}`;
      if (logs.get(id)?.isNamed !== true) logs.set(id, { ...log, logFile: realpathSync(log.logFile) });
    }
  }
  return { logs: [...logs.values()], missing };
}

function logsAt(path: string, isDirectory: boolean): FoundLog[] | undefined {
  if (!isDirectory) return path.endsWith(".wandb") ? [{ logFile: path, isNamed: true }] : undefined;
  const own = logsIn(path).map((logFile) => ({ logFile, isNamed: true }));
  const below = foldersIn(path).flatMap((name) => {
    const folder = join(path, name);
    // The project's folder will do for its runs.
    const inner = [".wandb", "wandb"].includes(name) ? foldersIn(folder).map((run) => join(folder, run)) : [];
    return [folder, ...inner].flatMap(logsIn).map((logFile) => ({ logFile, isNamed: false }));
  });
  return [...own, ...below];
}

const logsIn = (folder: string): string[] =>
  namesIn(folder)
    .filter((name) => name.endsWith(".wandb"))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());

const foldersIn = (folder: string): string[] =>
  namesIn(folder).filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory());

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    // A folder that cannot be read, or is none.
    return [];
  }
}

/** Why a log is not to be sent now; undefined when it is. */
export function whyLeft({ logFile, isNamed }: FoundLog, includeSynced: boolean): SkipReason | undefined {
  const cursor = readCursor(logFile);
  if (!includeSynced && hasArrived(logFile, cursor)) return "synced";
  if (isBeingWritten(logFile) && !hasExit(logFile)) return "being-written";
  // An official run that was online until its end is at the server, which nothing in its folder says.
  const isForeignOnline =
    cursor === undefined && readWriterFile(logFile) === undefined && isOnlineFolder(logFile);
  if (isForeignOnline && !isNamed && !includeSynced && hasExit(logFile)) return "sent-online";
  return readRunHead(logFile).problem === "empty" ? "empty" : undefined;
}

/** A log that was written after the note that says so was taken for a crashed run's too early. */
function hasArrived(logFile: string, cursor: Cursor | undefined): boolean {
  const timeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1;
  const noted = cursor?.finished === true ? timeOf(cursorFile(logFile)) : -1;
  return Math.max(noted, timeOf(syncedMark(logFile))) >= timeOf(logFile);
}

/** Whether the process that writes a log sends it, too. Offline runs have folders of another name, with all clients. */
export const isOnlineFolder = (logFile: string): boolean => basename(dirname(logFile)).startsWith("run-");

/** Looks at a log. */
export function lookAt({ logFile }: FoundLog): FoundRun {
  const { run, problem } = readRunHead(logFile);
  return { logFile, bytes: statSync(logFile).size, run, writer: readWriterFile(logFile), problem };
}
