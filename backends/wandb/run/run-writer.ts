import { existsSync, renameSync, rmSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { makeFolder } from "../../../src/backend/folder.js";
import { messageOf } from "../../../src/errors.js";
import type { Outcome } from "../../../src/events/event.js";
import { maskTexts } from "../around/mask-texts.js";
import { asLogged, rememberDigest } from "../artifacts/logged-digests.js";
import type { ArtifactLogging, ArtifactPlan } from "../artifacts/manifest.js";
import { artifactRecord, isReadAtOnce, withDigests } from "../artifacts/manifest.js";
import { stagingFolder } from "../artifacts/staging.js";
import { RunConfig } from "../config/config.js";
import { Metrics } from "../history/metrics.js";
import { RunHistory } from "../history/run-history.js";
import { RunSummary } from "../history/summary.js";
import { MediaWriter } from "../media/media-writer.js";
import type { FilesRecord, RunRecord, UpdateRecord, WandbRecord } from "../records/record.js";
import { timestampOf } from "../records/timestamp.js";
import { type Branch, branchPoint } from "../sender/branch.js";
import { parseMoment, type RunSettings } from "../settings/run-settings.js";
import { TransactionLog } from "../transaction-log/writer.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { readGitHead } from "./git-head.js";
import { createRunDirectory, type RunDirectory, wandbFolderIn } from "./run-directory.js";
import { PRODUCER, Telemetry } from "./telemetry.js";

/** Of which server version on a log can be read, as the official client writes it. */
const MIN_CONSUMER = "0.70.0";

/** Files of an artifact are read in one go up to this size: some 20 ms of work. */
const READ_AT_ONCE_BYTES = 8 << 20;

/** How often the run's folder is looked for. */
const LOOK_MS = 1_000;

/** What a run tells of itself while it is written. */
export interface RunReporter {
  warn(message: string): void;
  drop(count: number, reason: string): void;
}

/** Values the run record starts with besides its settings. */
export interface RunStart {
  /** Seconds since the epoch. */
  readonly startTime: number;
  /** The configuration, `_wandb` first. */
  readonly config: UpdateRecord;
  /** Folder in whose repository the script stands. */
  readonly cwd: string;
  /** Telemetry features known at the start. */
  readonly features: readonly string[];
  /** Whether the run is only kept here; the folder's name says so, and `wandb sync` goes by it. */
  readonly offline: boolean;
  /** What the run goes on with. */
  readonly branch?: Branch | undefined;
  /** A run whose log this one's will stand in place of. */
  readonly replaces?: RunWriter | undefined;
}

type FilePolicy = "NOW" | "END" | "LIVE";

/**
 * One run on its way into its transaction log. Its parts share the log: what they write is with the operating system after
 * the next `commit`, which the backend calls at the end of each batch.
 */
export class RunWriter {
  readonly settings: RunSettings;
  readonly directory: RunDirectory;
  readonly config: RunConfig;
  readonly metrics: Metrics;
  readonly summary: RunSummary;
  readonly history: RunHistory;
  readonly media: MediaWriter;
  readonly telemetry: Telemetry;
  /** Seconds since the epoch. */
  readonly startTime: number;
  /** Called when something was written between two batches. */
  grown: () => void = () => this.commit();
  #log: TransactionLog;
  #lookedAt = Date.now();
  readonly #reporter: RunReporter;
  readonly #priorRuntime: number;
  #staging: string | undefined;
  /** The artifacts whose files are being read. */
  #reading: Promise<void> | undefined;
  /** The run record as it was written last; a later one repeats all of it. */
  #run: RunRecord;

  /** Makes the run's folder and writes header and run record. Throws what keeps the log from being written. */
  constructor(settings: RunSettings, start: RunStart, reporter: RunReporter) {
    this.settings = settings;
    this.startTime = start.startTime;
    this.#priorRuntime = start.branch?.runtime ?? 0;
    this.directory =
      start.replaces?.directory ??
      createRunDirectory({
        root: settings.dir,
        runId: settings.runId,
        startTime: new Date(start.startTime * 1000),
        offline: start.offline,
        dotWandb: settings.values.useDotWandb,
        symlink: settings.values.symlink,
      });
    this.#reporter = reporter;
    const { logFile, syncDir, wandbDir } = this.directory;
    if (wandbDir !== wandbFolderIn(settings.dir, settings.values.useDotWandb)) {
      reporter.warn(
        `${settings.dir} cannot be written, so the run is kept in ${syncDir}, among temporary files. Set dir (or WANDB_DIR) to a folder that stays.`,
      );
    }
    this.#log = TransactionLog.create(start.replaces === undefined ? logFile : freshFile(logFile));
    this.telemetry = new Telemetry([...start.features, ...(start.branch?.resumed ? ["resumed"] : [])]);
    this.config = new RunConfig({ write: (config) => this.append({ config }), warn: reporter.warn });
    this.summary = new RunSummary((summary) => this.append({ summary }));
    this.metrics = new Metrics({
      write: (metric) => this.append({ metric }),
      configureSummary: (path, kinds) => this.summary.configure(path, kinds),
    });
    this.history = new RunHistory({
      startTime: start.startTime,
      priorRuntime: start.branch?.runtime ?? 0,
      startingStep: start.branch?.startingStep ?? 0,
      shared: settings.shared,
      metrics: this.metrics,
      summary: this.summary,
      write: (row, step) => this.#begun().appendRow(row, step),
      warn: reporter.warn,
    });
    const writer = this;
    this.media = new MediaWriter({
      runId: settings.runId,
      filesDir: this.directory.filesDir,
      get staging() {
        return writer.staging;
      },
      publishFile: (path) => this.publishFile(path),
      setInternalConfig: (path, value) => this.config.setInternal(path, value),
      logArtifact: (plan) => this.logArtifact(plan, { aliases: ["latest"] }),
      warn: reporter.warn,
    });
    this.#run = maskTexts(runRecord(settings, start, this.telemetry));
    this.append({ header: { versionInfo: { producer: PRODUCER, minConsumer: MIN_CONSUMER } } });
    this.append({ run: this.#run });
    this.#log.flush();
  }

  /** Puts its log in the place of the one that it replaces, in one step. Throws, and leaves that one, when it cannot. */
  takePlace(replaced: RunWriter): void {
    const { logFile } = this.directory;
    try {
      this.commit();
      renameSync(freshFile(logFile), logFile);
    } catch (error) {
      this.#log.close();
      rmSync(freshFile(logFile), { force: true });
      throw error;
    }
    replaced.#log.close();
  }

  /** Bytes of the log that are with the operating system. */
  get written(): number {
    return this.#log.size;
  }

  /** Where files of artifacts wait for their upload. */
  get staging(): string {
    this.#staging ??= stagingFolder();
    return this.#staging;
  }

  append(record: Omit<WandbRecord, "num">): void {
    this.#begun().append(record);
  }

  /** Changes fields of the run; the sync takes fields a record lacks for empty ones, so all are written again. */
  update(changes: Pick<RunRecord, "displayName" | "notes" | "tags" | "git">): void {
    if (isDeepStrictEqual({ ...this.#run, ...changes }, this.#run)) return;
    this.#run = { ...this.#run, ...changes };
    this.append({ run: this.#run });
  }

  /** Has a file below the run's `files` uploaded. */
  publishFile(
    path: string,
    policy: FilePolicy = "NOW",
    type?: NonNullable<FilesRecord["files"]>[number]["type"],
  ): void {
    this.append({ files: { files: [{ path, policy, ...(type === undefined ? {} : { type }) }] } });
  }

  /** Large files are read beside everything else; the record stands in the log when that is done. */
  logArtifact(plan: ArtifactPlan, how: Omit<ArtifactLogging, "run" | "historyStep">): void {
    const logging = { ...how, ...(this.settings.shared ? {} : { historyStep: this.history.step }) };
    if (this.#reading === undefined && isReadAtOnce(plan, READ_AT_ONCE_BYTES)) {
      try {
        this.#appendArtifact(plan, logging);
      } catch (error) {
        this.#appendArtifact(asLogged(plan, error), logging);
      }
      return;
    }
    const reading = (this.#reading ?? Promise.resolve())
      .then(() => withDigests(plan))
      .catch((error: unknown) => asLogged(plan, error))
      .then((read) => {
        this.#appendArtifact(read, logging);
        this.grown();
      })
      .catch((error: unknown) => {
        this.#reporter.drop(1, "an artifact's files could not be read");
        this.#reporter.warn(`artifact ${plan.name}: ${messageOf(error)}`);
      })
      .finally(() => {
        if (this.#reading === reading) this.#reading = undefined;
      });
    this.#reading = reading;
  }

  /** Resolves when the files of all artifacts logged so far are read. */
  async settle(): Promise<void> {
    await this.#reading;
  }

  #appendArtifact(plan: ArtifactPlan, logging: Omit<ArtifactLogging, "run">): void {
    const { runId: id, project, entity = "" } = this.settings;
    const artifact = artifactRecord(plan, { run: { id, project, entity }, ...logging }, this.staging);
    this.append({ artifact });
    rememberDigest(artifact);
  }

  /** Seconds that the run has lasted, with those before it was resumed. */
  runtime(): number {
    return this.#priorRuntime + Math.max(0, Date.now() / 1000 - this.startTime);
  }

  /** The log, a new one if someone has removed the run's folder; looked at once a second, between two batches. */
  #begun(): TransactionLog {
    if (this.#log.pendingRecords > 0 || Date.now() - this.#lookedAt < LOOK_MS) return this.#log;
    this.#lookedAt = Date.now();
    const { syncDir, filesDir, logsDir, codeDir, logFile } = this.directory;
    if (existsSync(logFile)) return this.#log;
    for (const folder of [filesDir, logsDir, codeDir]) makeFolder(folder);
    const fresh = TransactionLog.create(logFile);
    this.#log.close();
    this.#log = fresh;
    fresh.append({ header: { versionInfo: { producer: PRODUCER, minConsumer: MIN_CONSUMER } } });
    fresh.append({ run: this.#run });
    this.#reporter.warn(`${syncDir} was removed while it was written; what it held is gone.`);
    return fresh;
  }

  /** Gives everything written so far to the operating system. Throws, and gives up what was not written, when it cannot. */
  commit(): void {
    this.summary.flush(this.runtime());
    const telemetry = this.telemetry.takeChange();
    if (telemetry !== undefined) this.append({ telemetry });
    try {
      this.#log.flush();
    } catch (error) {
      this.#log.discard();
      throw error;
    }
  }

  /** Waits until the log is on the disk itself. */
  sync(): void {
    this.#log.sync();
  }

  /** Writes the open row, the final summary and the exit, and closes the log. */
  finish(outcome: Outcome): void {
    const runtime = this.runtime();
    try {
      this.history.finish();
      this.telemetry.use("finish");
      const telemetry = this.telemetry.takeChange();
      if (telemetry !== undefined) this.append({ telemetry });
      this.summary.finish(runtime);
      const { exitCode } = outcome;
      const notComplete = this.settings.values.updateFinishState === false;
      this.append({
        exit: { exitCode, runtime: Math.trunc(runtime), ...(notComplete ? { notComplete } : {}) },
      });
    } finally {
      this.#log.close();
    }
  }
}

const freshFile = (logFile: string): string => `${logFile}.fresh`;

function runRecord(settings: RunSettings, start: RunStart, telemetry: Telemetry): RunRecord {
  const git = readGitHead(start.cwd, settings.values);
  const { entity, group, jobType, name, notes, tags, sweepId, resume } = settings;
  const moment = settings.resumeFrom ?? settings.forkFrom;
  const from = moment === undefined ? undefined : parseMoment(moment);
  const point = branchPoint(settings);
  return {
    runId: settings.runId,
    ...(entity === undefined ? {} : { entity }),
    project: settings.project,
    config: point === undefined ? start.config : withInternal(start.config, "branch_point", point),
    ...(group === undefined ? {} : { runGroup: group }),
    ...(jobType === undefined ? {} : { jobType }),
    ...(name === undefined ? {} : { displayName: name }),
    ...(notes === undefined ? {} : { notes }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(sweepId === undefined ? {} : { sweepId }),
    ...(settings.values.disableMachineInfo ? {} : { host: settings.host }),
    startTime: timestampOf(start.startTime),
    ...(git === undefined ? {} : { git }),
    telemetry: telemetry.record(),
    ...(resume === undefined ? {} : { resume: true }),
    ...(start.branch?.resumed ? { resumed: true } : {}),
    ...(start.branch === undefined
      ? {}
      : { startingStep: start.branch.startingStep, runtime: start.branch.runtime }),
    ...(from === undefined ? {} : { branchPoint: { run: from.runId, value: from.step, metric: "_step" } }),
    ...(settings.forkFrom === undefined ? {} : { forked: true }),
  };
}

/** A configuration with a member of `_wandb` besides. */
function withInternal(
  { update = [], ...config }: UpdateRecord,
  name: string,
  value: LoggedValue,
): UpdateRecord {
  return { ...config, update: [...update, { nestedKey: ["_wandb", name], valueJson: encodeJson(value) }] };
}
