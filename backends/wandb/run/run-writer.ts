import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { makeFolder } from "../../../src/backend/folder.js";
import type { Outcome } from "../../../src/events/event.js";
import { maskTexts } from "../around/mask-texts.js";
import type { ArtifactLogging, ArtifactPlan } from "../artifacts/manifest.js";
import { artifactRecord } from "../artifacts/manifest.js";
import { stagingFolder } from "../artifacts/staging.js";
import { RunConfig } from "../config/config.js";
import { Metrics } from "../history/metrics.js";
import { RunHistory } from "../history/run-history.js";
import { RunSummary } from "../history/summary.js";
import { MediaWriter } from "../media/media-writer.js";
import type { FilesRecord, RunRecord, UpdateRecord, WandbRecord } from "../records/record.js";
import { timestampOf } from "../records/timestamp.js";
import type { RunSettings } from "../settings/run-settings.js";
import { TransactionLog } from "../transaction-log/writer.js";
import { readGitHead } from "./git-head.js";
import { createRunDirectory, type RunDirectory } from "./run-directory.js";
import { PRODUCER, Telemetry } from "./telemetry.js";

/** Of which server version on a log can be read, as the official client writes it. */
const MIN_CONSUMER = "0.70.0";

/** How often the run's folder is looked for. */
const LOOK_MS = 1_000;

/** What a run tells of itself while it is written. */
export interface RunReporter {
  warn(message: string): void;
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
  #log: TransactionLog;
  #lookedAt = Date.now();
  readonly #reporter: RunReporter;
  #staging: string | undefined;
  /** The run record as it was written last; a later one repeats all of it. */
  #run: RunRecord;

  /** Makes the run's folder and writes header and run record. Throws what keeps the log from being written. */
  constructor(settings: RunSettings, start: RunStart, reporter: RunReporter) {
    this.settings = settings;
    this.startTime = start.startTime;
    this.directory = createRunDirectory({
      root: settings.dir,
      runId: settings.runId,
      startTime: new Date(start.startTime * 1000),
      offline: true,
      dotWandb: settings.values.useDotWandb,
    });
    this.#reporter = reporter;
    this.#log = TransactionLog.create(this.directory.logFile);
    this.telemetry = new Telemetry(start.features);
    this.config = new RunConfig({ write: (config) => this.append({ config }), warn: reporter.warn });
    this.summary = new RunSummary((summary) => this.append({ summary }));
    this.metrics = new Metrics({
      write: (metric) => this.append({ metric }),
      configureSummary: (path, kinds) => this.summary.configure(path, kinds),
    });
    this.history = new RunHistory({
      startTime: start.startTime,
      shared: settings.mode === "shared",
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

  logArtifact(plan: ArtifactPlan, logging: Omit<ArtifactLogging, "run">): void {
    const { runId: id, project, entity = "" } = this.settings;
    this.append({
      artifact: artifactRecord(plan, { run: { id, project, entity }, ...logging }, this.staging),
    });
  }

  /** Seconds since the run began. */
  runtime(): number {
    return Math.max(0, Date.now() / 1000 - this.startTime);
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

function runRecord(settings: RunSettings, start: RunStart, telemetry: Telemetry): RunRecord {
  const git = readGitHead(start.cwd, settings.values);
  const { entity, group, jobType, name, notes, tags, sweepId, resume } = settings;
  return {
    runId: settings.runId,
    ...(entity === undefined ? {} : { entity }),
    project: settings.project,
    config: start.config,
    ...(group === undefined ? {} : { runGroup: group }),
    ...(jobType === undefined ? {} : { jobType }),
    ...(name === undefined ? {} : { displayName: name }),
    ...(notes === undefined ? {} : { notes }),
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
    ...(sweepId === undefined ? {} : { sweepId }),
    host: settings.host,
    startTime: timestampOf(start.startTime),
    ...(git === undefined ? {} : { git }),
    telemetry: telemetry.record(),
    ...(resume === undefined ? {} : { resume: true }),
  };
}
