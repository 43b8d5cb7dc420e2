import { statSync } from "node:fs";
import { messageOf, TraceletError } from "../../../src/errors.js";
import { cacheFolder } from "../artifacts/cache.js";
import { stagingFolder } from "../artifacts/staging.js";
import { type ArtifactSaver, createArtifactSaver, type SavedArtifact } from "../artifacts/upload/saver.js";
import { decodeRecord, type RecordContents, type RunRecord, type WandbRecord } from "../records/record.js";
import type { Writer } from "../run/writer-file.js";
import { runPage } from "../server/address.js";
import { insist, persistent, type RetryOptions } from "../server/retry.js";
import type { Server } from "../server/server.js";
import type { SettingValues } from "../settings/setting-table.js";
import type { LogEnd } from "../transaction-log/reader.js";
import type { Branch } from "./branch.js";
import { createConsoleLines } from "./console-lines.js";
import { type Cursor, cursorsBeside, readCursors } from "./cursor.js";
import { createDelivery, type Delivery } from "./delivery.js";
import { createFileStream } from "./file-stream.js";
import { createFinalFiles } from "./final-files.js";
import { findLoggedRow } from "./find-logged-row.js";
import { followLog } from "./follow-log.js";
import { createHistoryLines } from "./history-line.js";
import { createRunConfig } from "./run-config.js";
import { createRunFields } from "./run-fields.js";
import { createRunFiles } from "./run-files.js";
import { createSendProgress, type SendProgress } from "./send-progress.js";
import { createShortfall, type ShortfallReport } from "./shortfall.js";
import { startSending } from "./start-sending.js";
import { createSummaryState } from "./summary-state.js";
import { createUpserts, type RunIdentity } from "./upserts.js";

/** A run that the server knows, and its page. */
export interface KnownRun extends RunIdentity {
  readonly url: string;
  /** Whether it goes on with a run that was there. */
  readonly resumed: boolean;
}

export interface RunSenderOptions extends RetryOptions {
  readonly server: Server;
  readonly values: SettingValues;
  readonly logFile: string;
  readonly filesDir: string;
  /** Where the files about the run are written, when that cannot be `filesDir`. */
  readonly writtenDir?: string | undefined;
  readonly writer: Writer;
  /** Instead of what the log says. */
  readonly names?: { readonly entity?: string; readonly project?: string; readonly runId?: string };
  /** What was found out before the first row, for a run that goes on. */
  readonly branch?: Branch | undefined;
  /** Whether that was asked; default as `isLive`. */
  readonly isBranchKnown?: boolean;
  /** See `RunFileUploadOptions`; default whether the run is live. */
  readonly ownLinks?: boolean | "same-owner";
  /** Whether this process writes the log; then nothing of it can have been sent before. */
  readonly isLive: boolean;
  /** Resolves with whether there is more of the log to wait for; asked at the end of what is there. */
  more(): Promise<boolean>;
  warn(message: string): void;
  /** The server knows the run. */
  known(run: KnownRun): void;
  /** The server has confirmed something. */
  answered?(): void;
  /** The server refuses the rows for good: nothing more of them is sent. */
  failed?(): void;
  /** Somebody has asked on the server that the run be stopped. */
  stopRequested?(): void;
}

/** What became of a log. */
export interface SendEnd extends ShortfallReport {
  /** Everything has arrived: of a run that has ended, with its end. */
  readonly complete: boolean;
  readonly rows: number;
  /** Files of the run that were uploaded. */
  readonly files: number;
  /** How the log ended; undefined when it was not read to its end. */
  readonly end: LogEnd | undefined;
}

/** A log on its way to the server. */
export interface RunSender {
  /** Settles when everything has been sent or given up. Never rejects. */
  readonly done: Promise<SendEnd>;
  /** Every line of the log before this offset has arrived. */
  readonly arrived: () => number;
  /** Rows of the log, and files of the run, that have arrived. */
  readonly counts: () => { readonly rows: number; readonly files: number };
  /** Resolves when what stands in the log before `offset` has arrived, or never will. */
  flush(offset: number): Promise<void>;
  /**
   * The artifact with this client id, of the log before `offset`, when it has arrived. Rejects when it was given up, or
   * does not stand there.
   */
  artifact(clientId: string, offset: number): Promise<SavedArtifact>;
}

/**
 * Sends a transaction log to a server: the one way there, for a run that is being written as for one of last year.
 * Whatever goes wrong is a problem in the end's report; the log stays.
 */
export function createRunSender(options: RunSenderOptions): RunSender {
  const { server, values, logFile, filesDir, writtenDir, writer, isLive, warn, known, more, ...rest } =
    options;
  const { signal, hurry, onRetry } = rest;
  const policies = isLive ? persistent(server.policies, values) : server.policies;
  const query = { signal, hurry, onRetry, policy: policies.graphql };
  const headers = writer.shared ? sharedHeaders("X-WANDB-CLIENT-ID", writer.id) : {};
  const connection = server.connect(headers, policies.graphql);
  const fields = createRunFields(values.program === undefined ? {} : { program: values.program });
  const lines = createHistoryLines();
  const shortfall = createShortfall({ isLive, isOver: () => signal?.aborted === true, warn });
  const { problem, note, leaveOut } = shortfall;
  const waiters: { readonly offset: number; readonly wake: () => void }[] = [];
  let delivery: Delivery | undefined;
  let progress: SendProgress | undefined;
  let exit: RecordContents["exit"] | undefined;
  let unreadable = lines.unreadable;
  let endedBefore: number | undefined;
  let rows = 0;
  let uploaded = 0;
  let taken = 0;
  let stopped = false;

  async function begin(record: RunRecord): Promise<void> {
    const [expandsGlobs, structured, gzip] = await Promise.all([
      connection.hasFeature("EXPAND_DEFINED_METRIC_GLOBS", query),
      connection.hasFeature("STRUCTURED_CONSOLE_LOGS", query),
      connection.hasFeature("FILESTREAM_GZIP", query),
    ]);
    const config = createRunConfig({
      expandsGlobs: expandsGlobs && values.serverSideExpandGlobMetrics !== false,
      synced: !isLive,
    });
    const upserts = createUpserts({
      graphql: connection.graphql,
      fields,
      config: config.json,
      onTrouble: (error) => warn(`a change of the configuration could not be sent: ${messageOf(error)}`),
      ...query,
    });
    const began = beginningOf(record);
    const isOfLog = (cursor: Cursor) => cursor.began === undefined || cursor.began === began;
    const cursors = isLive ? [] : readCursors(logFile).filter(isOfLog);
    const start = await startSending({
      connection,
      record: { ...record, ...options.names },
      fields,
      config,
      upserts,
      branch: options.branch,
      isBranchKnown: options.isBranchKnown ?? isLive,
      // Another id is another wish.
      wish: options.names?.runId === undefined ? writer.resume : undefined,
      isNew: isLive,
      joins: writer.shared && !writer.endsRun,
      cursors: cursors.filter(({ baseUrl }) => baseUrl === server.baseUrl),
      findRow: (row) => findLoggedRow(logFile, row),
      query,
    });
    const { identity, branch, base, sent, alerts } = start;
    endedBefore = start.ended;
    const { entity, project, runId } = identity;
    const cursor: Cursor = {
      baseUrl: server.baseUrl,
      entity,
      project,
      runId,
      base,
      sent,
      alerts,
      resumed: branch?.resumed ?? false,
      finished: false,
      began,
    };
    const tracked = createSendProgress(logFile, cursor, cursorsBeside(cursors, cursor), note);
    tracked.save();
    progress = tracked;
    const stream = createFileStream({
      http: connection.http,
      path: `/files/${[entity, project, runId].map(encodeURIComponent).join("/")}/file_stream`,
      headers: writer.shared ? sharedHeaders("X-WANDB-ASYNC-CLIENT-ID", writer.id) : {},
      offsets: {
        history: base.history + sent.history,
        events: base.events + sent.events,
        console: base.console,
      },
      ...(values.fileStreamTransmitInterval
        ? { transmitIntervalMs: values.fileStreamTransmitInterval * 1000 }
        : {}),
      ...(values.fileStreamMaxBytes ? { maxBytes: values.fileStreamMaxBytes } : {}),
      ...(values.fileStreamMaxLineBytes ? { maxLineBytes: values.fileStreamMaxLineBytes } : {}),
      gzip: gzip && values.fileStreamNoGzip === false,
      policy: policies.fileStream,
      signal,
      hurry,
      onAcknowledged(lines) {
        tracked.arrived({
          history: sent.history + lines.history,
          events: sent.events + lines.events,
          console: lines.console,
        });
        options.answered?.();
      },
      onDropped(kind, reason, line) {
        shortfall.leaveOutLine(kind, reason);
        if (kind !== "summary" && line !== undefined) tracked.missing(kind, sent[kind] + line);
      },
      onTrouble: (message, status) => onRetry?.(message, status, 0),
      onStopped: () => options.stopRequested?.(),
      onFailed: (error) => {
        stopped = true;
        problem(`the server refuses what is logged: ${error.message}`);
        options.failed?.();
      },
    });
    const files = createRunFiles({
      graphql: connection.graphql,
      http: connection.http,
      entity,
      project,
      runId,
      filesDir,
      writtenDir,
      ownLinks: options.ownLinks ?? isLive,
      ignoreGlobs: values.ignoreGlobs ?? [],
      onUploaded(name) {
        uploaded++;
        stream.uploaded(name);
      },
      onFailed: (path, reason, isGone) =>
        isGone ? leaveOut(`${path} is left out: ${reason}`) : problem(`${path}: ${reason}`),
      onTrouble: (message, status) => onRetry?.(message, status, 0),
      policy: policies.transfer,
      queryPolicy: { ...policies.graphql, retries: policies.fileStream.retries },
      signal,
      hurry,
    });
    // Made for the first artifact: it needs folders that a run without any must not depend on.
    let saver: ArtifactSaver | undefined;
    const createSaver = (): ArtifactSaver =>
      createArtifactSaver({
        connection,
        entity,
        project,
        runId,
        cache: cacheFolder(),
        staging: stagingFolder(),
        policy: policies.transfer,
        signal,
        hurry,
        onTrouble: warn,
      });
    const summary = createSummaryState(branch?.summary);
    unreadable = () => lines.unreadable() + config.unreadable() + summary.unreadable();
    delivery = createDelivery({
      identity,
      graphql: connection.graphql,
      query,
      stream,
      files,
      finalFiles: createFinalFiles({
        filesDir: writtenDir ?? filesDir,
        label: writer.label,
        publish: files.publish,
        warn: isLive ? warn : problem,
      }),
      fields,
      config,
      summary,
      console: createConsoleLines({
        structured,
        ...(writer.label === undefined ? {} : { label: writer.label }),
      }),
      upserts,
      progress: tracked,
      saveArtifact: (artifact) =>
        insist(
          async () => {
            saver ??= createSaver();
            return saver.save(artifact);
          },
          policies.graphql,
          query,
          (error) => error instanceof TraceletError && error.code === "backend-failed",
        ),
      startTime: record.startTime,
      isPrimary: writer.primary,
      problem,
      leaveOut,
    });
    const page = runPage({ app: server.appUrl, entity, project }, runId);
    known({ ...identity, url: page, resumed: branch?.resumed ?? false });
  }

  const goesOn = (room: undefined | Promise<void>): boolean | Promise<boolean> =>
    room === undefined ? !stopped : room.then(() => !stopped);

  const take = (bytes: Uint8Array): boolean | Promise<boolean> => {
    let line: string | undefined;
    try {
      line = lines.line(bytes);
    } catch {
      problem("a row of the log cannot be read");
      return !stopped;
    }
    if (line !== undefined) {
      rows++;
      return goesOn(delivery?.row(line));
    }
    const record = decoded(bytes, problem);
    if (record?.run !== undefined && delivery === undefined) return begin(record.run).then(() => true);
    if (record?.exit !== undefined) {
      exit = record.exit;
      return false;
    }
    return goesOn(record === undefined ? undefined : delivery?.record(record));
  };

  const pause = (offset: number): void => {
    taken = offset;
    delivery?.pause(offset);
    for (let i = waiters.length; i-- > 0; ) if (waiters[i]!.offset <= offset) waiters.splice(i, 1)[0]!.wake();
  };

  async function reached(offset: number): Promise<void> {
    if (taken < offset && !stopped) await new Promise<void>((wake) => waiters.push({ offset, wake }));
  }

  async function send(): Promise<SendEnd> {
    let end: LogEnd | undefined;
    let bytes: number | undefined;
    try {
      end = await followLog({ logFile, take, pause, more });
      bytes = statSync(logFile, { throwIfNoEntry: false })?.size;
      if (end?.reason === "corrupt") problem(`the log is damaged: ${end.problem}`);
      if (delivery === undefined) problem("the log has no run");
      // A log that just ends is that of a process that was killed, unless more of it may come.
      const isCut = end !== undefined && !isLive && !signal?.aborted;
      const cut = isCut ? { exitCode: 1, notComplete: !writer.endsRun } : undefined;
      const own = exit ?? cut;
      // A run that had ended, as another writer said, ends in the same way again.
      const again = own?.notComplete && endedBefore !== undefined ? { exitCode: endedBefore } : own;
      await delivery?.finish(again);
      const bad = unreadable();
      if (bad > 0) note(`${bad} values of the log are no JSON and were left out`, bad);
    } catch (error) {
      problem(messageOf(error));
    }
    const report = shortfall.report();
    const complete = report.problems.length === 0 && !signal?.aborted;
    if (complete) progress?.save({ finished: true, bytes });
    else progress?.stop();
    stopped = true;
    for (const { wake } of waiters) wake();
    return { ...report, complete, rows, files: uploaded, end };
  }

  const done = send();
  return {
    done,
    arrived: () => progress?.offset ?? 0,
    counts: () => ({ rows: progress?.cursor.sent.history ?? 0, files: uploaded }),
    async flush(offset) {
      await reached(offset);
      await delivery?.flush();
    },
    async artifact(clientId, offset) {
      await reached(offset);
      const saved = delivery?.artifact(clientId);
      if (saved === undefined) {
        const why = shortfall.last() ?? "the artifact is not in the run's log";
        throw new TraceletError("backend-failed", why, { backend: "wandb" });
      }
      return saved;
    },
  };
}

const sharedHeaders = (name: string, id: string): { [header: string]: string } => ({
  "X-WANDB-USE-ASYNC-FILESTREAM": "true",
  [name]: id,
});

/** When a run began, to the nanosecond. */
function beginningOf({ startTime }: RunRecord): string {
  const { seconds = 0, nanos = 0 } = startTime ?? {};
  return `${seconds}.${String(nanos).padStart(9, "0")}`;
}

function decoded(bytes: Uint8Array, problem: (message: string) => void): WandbRecord | undefined {
  try {
    return decodeRecord(bytes);
  } catch {
    problem("a record of the log cannot be read");
    return undefined;
  }
}
