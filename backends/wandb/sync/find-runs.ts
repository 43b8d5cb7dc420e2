import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../../src/errors.js";
import type { RunRecord } from "../records/record.js";
import { isBeingWritten, readWriterFile, type Writer } from "../run/writer-file.js";
import { readCursor, syncedMark } from "../sender/cursor.js";
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

/** Something that may be a run, or have some, and cannot be looked at. */
export interface Unreadable {
  readonly path: string;
  readonly problem: string;
}

/** What paths stand for. */
export interface FoundLogs {
  readonly logs: readonly FoundLog[];
  /** Paths where there is nothing, or something else. */
  readonly missing: readonly string[];
  readonly unreadable: readonly Unreadable[];
}

/** Folders of runs, and of one: only of these it matters that they cannot be read. */
const RUN_FOLDERS = /^((offline-)?run-.*|latest-run|\.?wandb)$/;

/**
 * The logs that paths stand for: `.wandb` files, run folders, folders of runs (`wandb/`), and folders that have one. Each
 * log is there once, by whichever of its names (`latest-run` is a link).
 */
export function findLogFiles(paths: readonly string[]): FoundLogs {
  const logs = new Map<string, FoundLog>();
  const missing: string[] = [];
  const unreadable = new Map<string, string>();

  /** Undefined when there is nothing. */
  const look = <Seen>(path: string, matters: boolean, seeing: () => Seen): Seen | undefined => {
    try {
      return seeing();
    } catch (error) {
      // Between listing a folder and looking at what is in it, a run may be deleted.
      const isGone = ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
      if (matters && !isGone) unreadable.set(path, messageOf(error));
      return undefined;
    }
  };
  const entriesOf = (folder: string, matters = RUN_FOLDERS.test(basename(folder))): string[] =>
    (look(folder, matters, () => readdirSync(folder).sort()) ?? []).map((name) => join(folder, name));
  const isFolder = (path: string): boolean =>
    look(path, RUN_FOLDERS.test(basename(path)), () => statSync(path).isDirectory()) === true;
  const add = (logFile: string, isNamed: boolean): void => {
    const stats = look(logFile, true, () => statSync(logFile, { bigint: true }));
    if (stats === undefined || !stats.isFile()) return;
    const id = `${stats.dev} ${stats.ino}`;
    if (logs.get(id)?.isNamed === true) return;
    const own = look(logFile, true, () => realpathSync(logFile));
    if (own !== undefined) logs.set(id, { logFile: own, isNamed });
  };
  const addThoseOf = (entries: readonly string[], isNamed: boolean): void => {
    for (const path of entries) if (path.endsWith(".wandb")) add(path, isNamed);
  };

  for (const path of paths) {
    const stats = look(path, true, () => statSync(path));
    if (stats?.isDirectory() === true) {
      const entries = entriesOf(path, true);
      addThoseOf(entries, true);
      for (const folder of entries.filter(isFolder)) {
        const inner = entriesOf(folder);
        addThoseOf(inner, false);
        // The project's folder will do for its runs.
        if (![".wandb", "wandb"].includes(basename(folder))) continue;
        for (const run of inner.filter(isFolder)) addThoseOf(entriesOf(run), false);
      }
    } else if (stats !== undefined && path.endsWith(".wandb")) add(path, true);
    else if (!unreadable.has(path)) missing.push(path);
  }
  const problems = [...unreadable].map(([path, problem]) => ({ path, problem }));
  return { logs: [...logs.values()], missing, unreadable: problems };
}

/** Why a log is not to be sent now; undefined when it is, or when sending it will tell what is wrong with it. */
export function whyLeft(log: FoundLog, includeSynced: boolean): SkipReason | undefined {
  try {
    return reasonToLeave(log, includeSynced);
  } catch {
    // It cannot be read, or is there no more.
    return undefined;
  }
}

function reasonToLeave({ logFile, isNamed }: FoundLog, includeSynced: boolean): SkipReason | undefined {
  if (!includeSynced && hasArrived(logFile)) return "synced";
  if (isBeingWritten(logFile) && !hasExit(logFile)) return "being-written";
  // An official run that was online until its end is at the server, which nothing in its folder says.
  const isForeignOnline =
    readCursor(logFile) === undefined && readWriterFile(logFile) === undefined && isOnlineFolder(logFile);
  if (isForeignOnline && !isNamed && !includeSynced && hasExit(logFile)) return "sent-online";
  return readRunHead(logFile).problem === "empty" ? "empty" : undefined;
}

/**
 * Whether a log has arrived as it is now. It may have grown since: a run was taken for a crashed one's too early. The cursor
 * says how long the log was; of the official client's mark only the time can be compared.
 */
export function hasArrived(logFile: string): boolean {
  const log = statSync(logFile, { throwIfNoEntry: false });
  if (log === undefined) return false;
  const cursor = readCursor(logFile);
  if (cursor?.finished === true && cursor.bytes !== undefined) return cursor.bytes === log.size;
  const mark = statSync(syncedMark(logFile), { throwIfNoEntry: false });
  return mark !== undefined && mark.mtimeMs >= log.mtimeMs;
}

/** Whether the process that writes a log sends it, too. Offline runs have folders of another name, with all clients. */
export const isOnlineFolder = (logFile: string): boolean => basename(dirname(logFile)).startsWith("run-");

/** Looks at a log. */
export function lookAt({ logFile }: FoundLog): FoundRun {
  const { run, problem } = readRunHead(logFile);
  const bytes = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  return { logFile, bytes, run, writer: readWriterFile(logFile), problem };
}
