import { accessSync, constants, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { SentSoFar, SyncedRun, SyncListener } from "../../../src/backend/command-line.js";
import { messageOf } from "../../../src/errors.js";
import { generateId } from "../run/run-id.js";
import { isBeingWritten, type Writer } from "../run/writer-file.js";
import { syncedMark } from "../sender/cursor.js";
import { createRunSender, type KnownRun, type RunSenderOptions, type SendEnd } from "../sender/run-sender.js";
import type { Server } from "../server/server.js";
import type { SettingValues } from "../settings/setting-table.js";
import { type FoundRun, hasArrived } from "./find-runs.js";
import { lockLog } from "./sync-lock.js";

/** How often a log that may grow is looked at. */
const LOOK_MS = 500;
/** How often the progress is told. */
const TELL_MS = 200;

export interface SyncRunOptions {
  readonly server: Server;
  readonly values: SettingValues;
  readonly found: FoundRun;
  /** Instead of what the log says. */
  readonly names: NonNullable<RunSenderOptions["names"]>;
  /** Whether a run is sent again that has arrived. */
  readonly includeSynced: boolean;
  /** Follows the log until its run has ended, or its process is gone. */
  readonly watch: boolean;
  readonly signal: AbortSignal;
  readonly listener: SyncListener;
}

/** Sends a log, wherever an earlier time has ended. Never rejects. */
export async function syncRun(options: SyncRunOptions): Promise<SyncedRun> {
  const { found, names, signal, listener } = options;
  const { logFile, run, problem } = found;
  // A log without a beginning may still get one.
  if (run === undefined && problem !== "empty")
    return { ...nothingOf(found, names), state: "failed", problems: [problem ?? "it has no run"] };
  const unlock = await lockLog(logFile, {
    signal,
    onWait: () => listener.note(`${logFile} is being sent by another process; waiting for its end`),
  });
  try {
    if (!options.includeSynced && hasArrived(logFile)) {
      return { ...nothingOf(found, names), state: "skipped", problems: ["another process has just sent it"] };
    }
    return await send(options);
  } catch (error) {
    return { ...nothingOf(found, names), state: "failed", problems: [messageOf(error)] };
  } finally {
    unlock?.();
  }
}

/** A run of which nothing was sent. */
export function nothingOf(
  { logFile, bytes, run }: Pick<FoundRun, "logFile" | "bytes" | "run">,
  names: SyncRunOptions["names"] = {},
) {
  const parts = [names.entity ?? run?.entity, names.project ?? run?.project, names.runId ?? run?.runId];
  const name = parts.filter((part) => part).join("/");
  return {
    journal: logFile,
    ...(name === "" ? {} : { run: name }),
    rows: 0,
    files: 0,
    bytes: 0,
    totalBytes: bytes,
    leftOut: 0,
    warnings: [],
  };
}

async function send(options: SyncRunOptions): Promise<SyncedRun> {
  const { server, values, found, names, signal, listener } = options;
  const { logFile } = found;
  if (signal.aborted) {
    return { ...nothingOf(found, names), state: "failed", problems: [messageOf(signal.reason)] };
  }
  // What the sender has begun ends with it, whatever happens.
  const ending = new AbortController();
  const writer = found.writer ?? soleWriter();
  const filesDir = join(dirname(logFile), "files");
  const writtenDir = isWritable(filesDir) ? undefined : mkdtempSync(join(tmpdir(), "tracelet-sync-"));
  let known: KnownRun | undefined;
  const sender = createRunSender({
    server,
    values,
    logFile,
    filesDir,
    writtenDir,
    writer,
    names,
    // The official client links the files that it saves. A run folder from elsewhere must not send this machine's files.
    ownLinks: found.run?.host === hostname() ? "same-owner" : false,
    isLive: false,
    more: growth(options),
    warn() {},
    known(run) {
      known = run;
    },
    signal: AbortSignal.any([signal, ending.signal]),
  });
  const sent = (): SentSoFar => ({
    ...sender.counts(),
    bytes: sender.arrived(),
    totalBytes: sizeOf(logFile),
  });
  const timer = setInterval(() => listener.progress(logFile, sent()), TELL_MS);
  const end = await sender.done;
  clearInterval(timer);
  ending.abort();
  if (writtenDir !== undefined) rmSync(writtenDir, { recursive: true, force: true });
  if (end.complete) mark(logFile);
  const run = known === undefined ? undefined : [known.entity, known.project, known.runId].join("/");
  return {
    ...nothingOf(found, names),
    ...sent(),
    ...(end.complete ? { rows: end.rows, bytes: sizeOf(logFile) } : {}),
    ...(run === undefined ? {} : { run, url: known?.url }),
    state: end.complete ? "synced" : "failed",
    problems: signal.aborted ? [...end.problems, messageOf(signal.reason)] : end.problems,
    leftOut: end.leftOut,
    warnings: [...end.notes, ...lackOfEnd(end, writer)],
  };
}

/** A run that was killed looks like one that has failed. */
function lackOfEnd({ complete, end }: SendEnd, { endsRun }: Writer): string[] {
  if (!complete || end === undefined || !endsRun) return [];
  const where =
    end.reason === "torn" ? ` and breaks off in the middle of a record at byte ${end.offset}` : "";
  return [`the log has no end${where}: its process was killed, and the run is shown as failed`];
}

/** Of a log of a client that does not say who writes it. */
const soleWriter = (): Writer => ({ shared: false, id: generateId(32), primary: true, endsRun: true });

const sizeOf = (logFile: string): number => statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;

function isWritable(folder: string): boolean {
  try {
    accessSync(existsSync(folder) ? folder : dirname(folder), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The mark by which both clients know that a run has arrived. Without it, it is only sent in vain once more. */
function mark(logFile: string): void {
  try {
    writeFileSync(syncedMark(logFile), "");
  } catch {
    // The sender has said that nothing can be noted here.
  }
}

/** Resolves with whether there is more of a log than when it was last asked; at once when the log is not followed. */
function growth({ found: { logFile }, watch, signal }: SyncRunOptions): () => Promise<boolean> {
  let seen = 0;
  return async () => {
    while (watch && !signal.aborted) {
      const mayGrow = isBeingWritten(logFile);
      const size = sizeOf(logFile);
      if (size > seen) {
        seen = size;
        return true;
      }
      if (!mayGrow) return false;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    return false;
  };
}
