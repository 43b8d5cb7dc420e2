import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { SyncListener, SyncRequest } from "../../../src/backend/command-line.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { isRefused, readSurroundings } from "../cli/connect.js";
import { wandbFolderIn } from "../run/run-directory.js";
import { checkProject, checkRunId } from "../run/run-id.js";
import { isBeingWritten } from "../run/writer-file.js";
import { createPatience, type Patience } from "../server/patience.js";
import { openServer, type Server } from "../server/server.js";
import { queryViewer } from "../server/viewer.js";
import type { SettingValues } from "../settings/setting-table.js";
import { type FoundLog, type FoundRun, findLogFiles, isOnlineFolder, lookAt, whyLeft } from "./find-runs.js";
import { groupRuns } from "./group-runs.js";
import { nothingOf, type SyncRunOptions, syncRun } from "./sync-run.js";

/** As many as the official sync. */
const SIDE_BY_SIDE = 5;
/** How often a folder is looked at for new runs. */
const LOOK_MS = 2_000;
/** As long as a timer can be set; 25 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const NOTHING = { rows: 0, files: 0, bytes: 0 };

const SKIPPED = {
  synced: "synced already; --include-synced sends it again",
  "being-written": "still being written; --watch follows it",
  "sent-online": "an online run that has ended; name its folder to send it all the same",
  empty: "nothing was logged",
} as const;

/**
 * Sends the logs of W&B runs, whoever wrote them, to the server of the settings: `tracelet sync`.
 *
 * @param patienceMs how long the server may give no answer; default two minutes
 * @throws TraceletError when nothing can be sent: `invalid-option` for paths where no runs are, `backend-failed` without a
 * key, or when the server does not take it
 */
export async function syncRuns(
  request: SyncRequest,
  listener: SyncListener,
  patienceMs?: number,
): Promise<void> {
  checkNames(request);
  const { values, baseUrl } = readSurroundings(undefined);
  const patience = createPatience({
    // Who follows a run for days does not give up because its server is away for an hour.
    limitMs: patienceMs ?? (request.watch ? LONGEST_TIMER_MS : undefined),
    onChange: (isAway) =>
      listener.note(isAway ? `${baseUrl} does not answer; trying again` : `${baseUrl} answers again`),
  });
  const signal = AbortSignal.any([request.signal, patience.signal]);
  const search = searchOf(request, values, listener);
  let server: Server | undefined;
  try {
    let groups = search();
    if (request.dryRun) {
      for (const found of groups.flat()) {
        const rest = nothingOf(found, namesOf(request));
        listener.ended({ ...rest, state: "found", problems: [] });
      }
      return;
    }
    if (groups.length === 0 && !request.watch) return;
    server = await reach(request.signal, values, baseUrl, signal, listener, patience);
    if (groups.length === 0) listener.note(`waiting for runs in ${search.places.join(", ")}; Ctrl-C ends it`);
    const parts = { server, values, signal, listener };
    const { includeSynced, watch } = request;
    const slots = createSlots(SIDE_BY_SIDE);
    const running = new Set<Promise<void>>();
    for (;;) {
      for (const { logFile, bytes } of groups.flat())
        listener.progress(logFile, { ...NOTHING, totalBytes: bytes });
      for (const group of groups) {
        const sending = sendGroup(group, slots, {
          ...parts,
          names: namesOf(request),
          includeSynced,
          watch,
        }).finally(() => running.delete(sending));
        running.add(sending);
      }
      if (!watch || signal.aborted || (running.size === 0 && !search.mayFindMore())) break;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
      groups = signal.aborted ? [] : search();
    }
    await Promise.all(running);
  } finally {
    patience.stop();
    await server?.close();
  }
}

/** Logs of one run go one after the other. */
async function sendGroup(
  group: readonly FoundRun[],
  slots: Slots,
  options: Omit<SyncRunOptions, "found">,
): Promise<void> {
  for (const found of group) {
    // A run that is followed may take days.
    const isFollowed = options.watch && isBeingWritten(found.logFile);
    if (!isFollowed) await slots.take();
    try {
      options.listener.ended(await syncRun({ ...options, found }));
    } finally {
      if (!isFollowed) slots.give();
    }
  }
}

type Search = {
  /** What is to be sent and was not found before. */
  (): FoundRun[][];
  /** Whether there may be other runs later. */
  mayFindMore(): boolean;
  /** Where it searches. */
  readonly places: readonly string[];
};

function searchOf(request: SyncRequest, values: SettingValues, listener: SyncListener): Search {
  const { includeSynced, watch } = request;
  const folder = wandbFolderIn(resolve(values.dir ?? "."), values.useDotWandb);
  const paths = request.paths.length > 0 ? request.paths : [folder];
  const told = new Set<string>();
  /** What will not be sent later either. */
  const settled = new Set<string>();
  const taken = new Set<string>();
  let all: readonly FoundLog[] = [];

  const isToBeSent = (log: FoundLog): boolean => {
    const why = whyLeft(log, includeSynced);
    if (why === undefined) return true;
    if (why === "synced" || why === "sent-online") settled.add(log.logFile);
    // The process of an online run sends it itself; should it be killed, the rest is sent then.
    if (why === "being-written" && watch && !isOnlineFolder(log.logFile)) return true;
    if (!told.has(log.logFile) && !(watch && why === "empty")) {
      told.add(log.logFile);
      const reason = watch && why === "being-written" ? "sent by its own process" : SKIPPED[why];
      listener.ended({ ...nothingOf(lookAt(log)), state: "skipped", problems: [reason] });
    }
    return false;
  };

  const search = (): FoundRun[][] => {
    const { logs, missing, unreadable } = findLogFiles(paths);
    const wrong = missing.filter((path) => !watch || existsSync(path));
    if (wrong.length > 0) throw noRuns(wrong, request.paths.length === 0);
    for (const { path, problem } of unreadable) {
      if (told.has(path)) continue;
      told.add(path);
      const found = { logFile: resolve(path), bytes: 0, run: undefined };
      listener.ended({ ...nothingOf(found), state: "failed", problems: [problem] });
    }
    all = logs;
    const isKnown = ({ logFile }: FoundLog) => taken.has(logFile) || settled.has(logFile);
    const fresh = logs.filter((log) => !isKnown(log) && isToBeSent(log));
    for (const { logFile } of fresh) taken.add(logFile);
    const found = fresh.map(lookAt);
    const runs = groupRuns(found, {}, false).length;
    if (request.id !== undefined && runs > 1) {
      const rule = `--id is for one run, and there are ${runs}; give the path of one.`;
      throw new TraceletError("invalid-option", rule, { backend: "wandb" });
    }
    return groupRuns(found, namesOf(request), watch);
  };
  const mayFindMore = (): boolean =>
    all.length === 0 || all.some(({ logFile, isNamed }) => !isNamed || !taken.has(logFile));
  return Object.assign(search, { mayFindMore, places: paths });
}

function noRuns(paths: readonly string[], isDefault: boolean): TraceletError {
  const what = isDefault
    ? `there is no ${paths[0]}; give the path of a run (its folder or run-*.wandb), or of a folder of runs`
    : `${paths.join(", ")}: no such run; give a run's folder, its log (run-*.wandb), or a folder of runs`;
  return new TraceletError("invalid-option", `${what}.`, { backend: "wandb" });
}

/** @throws TraceletError `invalid-option` for a name that no run can have */
function checkNames({ entity, project, id }: SyncRequest): void {
  if (id !== undefined) checkRunId(id);
  if (project !== undefined) checkProject(project);
  const isNone = (name: string | undefined) => name !== undefined && name.trim() === "";
  const empty = isNone(entity) ? "--entity" : isNone(project) ? "--project" : undefined;
  if (empty === undefined && !entity?.includes("/")) return;
  const rule =
    empty === undefined ? `--entity is one name, and "${entity}" has a slash` : `${empty} is empty`;
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}

const namesOf = ({ entity, project, id }: SyncRequest): SyncRunOptions["names"] => ({
  ...(entity === undefined ? {} : { entity }),
  ...(project === undefined ? {} : { project }),
  ...(id === undefined ? {} : { runId: id }),
});

/** Makes sure that the server can be used, before any run is tried. */
async function reach(
  stopped: AbortSignal,
  values: SettingValues,
  baseUrl: string,
  signal: AbortSignal,
  listener: SyncListener,
  patience: Patience,
): Promise<Server> {
  const refuse = (message: string): never => {
    throw new TraceletError("backend-failed", message, { backend: "wandb" });
  };
  let server: Server | undefined;
  try {
    server = openServer({
      values,
      env: process.env,
      warn: (message) => listener.note(message),
      onAnswer: patience.observe,
    });
  } catch (error) {
    // A key that is none.
    return refuse(`${messageOf(error)} Nothing was sent.`);
  }
  if (server === undefined) {
    return refuse(
      `no API key for ${baseUrl}; run "tracelet wandb login", or set WANDB_API_KEY. Nothing was sent.`,
    );
  }
  try {
    const viewer = await queryViewer(server.connect().graphql, { signal, policy: server.policies.graphql });
    if (viewer === undefined) throw new Error("it does not know the key");
    return server;
  } catch (error) {
    await server.close();
    if (stopped.aborted) return refuse(messageOf(stopped.reason));
    const advice = isRefused(error)
      ? process.env["WANDB_API_KEY"]
        ? "check WANDB_API_KEY, which comes before the key of `tracelet wandb login`"
        : '"tracelet wandb login --relogin" asks for another key'
      : 'the runs are kept, and the same command sends them later; "tracelet wandb verify" says more';
    return refuse(`${baseUrl} cannot be used (${messageOf(error)}): ${advice}. Nothing was sent.`);
  }
}

/** Lets so many go on at a time. */
interface Slots {
  take(): Promise<void>;
  give(): void;
}

function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async take() {
      if (free > 0) free--;
      else await new Promise<void>((go) => waiting.push(go));
    },
    give() {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
