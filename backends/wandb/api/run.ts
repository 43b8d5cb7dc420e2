import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TraceletError } from "../../../src/errors.js";
import { useArtifact } from "../artifacts/use-artifact.js";
import { runPage } from "../server/address.js";
import { operation } from "../server/graphql.js";
import { sleep } from "../server/retry.js";
import type { ApiArtifact } from "./artifact.js";
import { type ConsoleLine, consoleLines, type LogsOptions } from "./console-lines.js";
import {
  type HistoryOptions,
  type HistoryRow,
  lastHistoryStep,
  type ScanOptions,
  sampleHistory,
  scanHistory,
} from "./history.js";
import type { Pages } from "./pages.js";
import type { ItemPath } from "./paths.js";
import { inputArtifacts, outputArtifacts } from "./run-artifacts.js";
import { type ApiFile, type FilesOptions, findRunFile, runFiles } from "./run-file.js";
import {
  changedFields,
  contentsOf,
  parseValues,
  RUN,
  type RunContents,
  type RunRecord,
  UPDATE_RUN,
  type Values,
} from "./run-record.js";
import { type ApiSession, notFound } from "./session.js";

const RUN_STATE = operation(`query RunState($project: String!, $entity: String!, $name: String!) {
  project(name: $project, entityName: $entity) { run(name: $name) { state } } }`);
const DELETE_RUN = operation(`mutation DeleteRun($id: ID!, $deleteArtifacts: Boolean) {
  deleteRun(input: {id: $id, deleteArtifacts: $deleteArtifacts}) { clientMutationId } }`);

/** It has a kilobyte or a few. */
const MOST_METADATA_BYTES = 16 << 20;

/** States in which a run does not change any more by itself. */
const ENDED = new Set(["finished", "failed", "crashed", "killed", "preempted"]);

interface RunAnswer {
  readonly project: { readonly run: RunRecord | null } | null;
}

/** @throws TraceletError `invalid-value` when there is no such run */
export async function fetchRun(session: ApiSession, path: ItemPath): Promise<ApiRun> {
  return new ApiRun(session, path, await fetchRecord(session, path));
}

async function fetchRecord(session: ApiSession, path: ItemPath): Promise<RunRecord> {
  const { project } = await session.query<RunAnswer>(RUN, { ...path });
  if (!project?.run) throw notFound(`run ${path.entity}/${path.project}/${path.name}`);
  return project.run;
}

/**
 * A run on the server, as it was when it was read (Python: `wandb.apis.public.Run`). `name`, `tags`, `notes`, `group`,
 * `jobType`, `config` and `summary` may be changed; `update()` sends them.
 *
 * @example
 * ```ts
 * const run = await new wandb.Api().run("entity/project/run_id");
 * console.log(run.state, run.config["lr"], run.summary["loss"]);
 * for await (const row of run.scanHistory({ keys: ["loss"] })) console.log(row["_step"], row["loss"]);
 * run.tags.push("reviewed");
 * await run.update();
 * ```
 */
export class ApiRun implements RunContents {
  /** The run id. */
  readonly id: string;
  /** User or team that the run belongs to. */
  readonly entity: string;
  /** Project of the run. */
  readonly project: string;
  /** Name shown to people. */
  name = "";
  /** Labels of the run. */
  tags: string[] = [];
  /** Description of the run. */
  notes: string | undefined;
  /** Runs that belong together have the same. */
  group: string | undefined;
  /** What the run does in its group: `training`, `evaluation` ... */
  jobType: string | undefined;
  /** What the script configured, without what W&B keeps for itself. NaN and infinities are numbers. */
  config: Values = {};
  /** The last, least or greatest values, with `_step`, `_runtime` and `_timestamp`. */
  summary: Values = {};
  readonly #session: ApiSession;
  readonly #path: ItemPath;
  #record!: RunRecord;

  /** @internal */
  constructor(session: ApiSession, path: ItemPath, record: RunRecord) {
    this.id = record.name;
    this.entity = path.entity;
    this.project = path.project;
    this.#session = session;
    this.#path = { entity: path.entity, project: path.project, name: record.name };
    this.#adopt(record);
  }

  /** `running`, `finished`, `failed`, `crashed`, `killed`, `preempting`, `preempted` or `pending`, when it was read. */
  get state(): string {
    return this.#record.state;
  }

  /** The server's own id of the run. */
  get storageId(): string {
    return this.#record.id;
  }

  /** ISO 8601. */
  get createdAt(): string {
    return this.#record.createdAt;
  }

  /** When the server heard of it last; ISO 8601. */
  get heartbeatAt(): string | undefined {
    return this.#record.heartbeatAt ?? undefined;
  }

  /** Git commit. */
  get commit(): string | undefined {
    return this.#record.commit ?? undefined;
  }

  /** Login of the user whose run it is. */
  get username(): string | undefined {
    return this.#record.user?.username;
  }

  /** Id of its sweep. */
  get sweepName(): string | undefined {
    return this.#record.sweepName ?? undefined;
  }

  /** Last sample of the machine. */
  get systemMetrics(): Values {
    return parseValues(this.#record.systemMetrics, "system metrics");
  }

  /** Everything of the configuration as the server has it: `{key: {value, desc}}`, with `_wandb`. */
  get rawConfig(): Values {
    return parseValues(this.#record.config, "config");
  }

  /** `entity/project/id`. */
  get path(): string {
    return `${this.entity}/${this.project}/${this.id}`;
  }

  /** Address of its page. */
  get url(): string {
    const { entity, project } = this;
    return runPage({ app: this.#session.appUrl, entity, project }, this.id);
  }

  /**
   * Rows of the history, at most `samples`, picked evenly by the server (Python: `Run.history(pandas=False)`). For all rows
   * take `scanHistory`.
   */
  history(options: HistoryOptions = {}): Promise<HistoryRow[]> {
    return sampleHistory(this.#session, this.#path, options);
  }

  /**
   * All rows of the history in the order of steps, fetched as far as they are gone through (Python: `Run.scan_history`).
   * Integers beyond 2^53 are bigints, when no keys are chosen.
   */
  scanHistory(options: ScanOptions = {}): AsyncIterable<HistoryRow> {
    return { [Symbol.asyncIterator]: () => scanHistory(this.#session, this.#path, options) };
  }

  /** The last step of the history; -1 when there is none (Python: `Run.lastHistoryStep`). */
  lastHistoryStep(): Promise<number> {
    return lastHistoryStep(this.#session, this.#path);
  }

  /** The run's files (Python: `Run.files`). */
  files(options: FilesOptions = {}): Pages<ApiFile> {
    return runFiles(this.#session, this.#path, options);
  }

  /**
   * One file of the run (Python: `Run.file`).
   *
   * @throws TraceletError `invalid-value` when there is none of this name
   */
  async file(name: string): Promise<ApiFile> {
    const found = await findRunFile(this.#session, this.#path, name);
    if (found === undefined) throw notFound(`file ${JSON.stringify(name)} in run ${this.path}`);
    return found;
  }

  /**
   * What the client noted of the run's surroundings: program, host, Python or Node, GPUs, git (Python: `Run.metadata`).
   * Undefined when there is no `wandb-metadata.json`.
   */
  async metadata(): Promise<Values | undefined> {
    const file = await findRunFile(this.#session, this.#path, "wandb-metadata.json");
    if (file === undefined) return undefined;
    if (file.size > MOST_METADATA_BYTES) {
      const problem = `wandb-metadata.json of run ${this.path} has ${file.size} bytes, more than any that a client writes.`;
      throw new TraceletError("invalid-file", problem, { backend: "wandb" });
    }
    const root = await mkdtemp(join(tmpdir(), "tracelet-metadata-"));
    try {
      return parseValues(await readFile(await file.download({ root }), "utf8"), "wandb-metadata.json");
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }

  /** What the run printed, oldest line first (Python: `Run.console_logs`). */
  logs(options: LogsOptions = {}): Pages<ConsoleLine> {
    return consoleLines(this.#session, this.#path, options);
  }

  /** Artifacts that the run logged (Python: `Run.logged_artifacts`). */
  loggedArtifacts(options: { readonly perPage?: number } = {}): Pages<ApiArtifact> {
    return outputArtifacts(this.#session, this.#path, options);
  }

  /** Artifacts that the run used (Python: `Run.used_artifacts`). */
  usedArtifacts(options: { readonly perPage?: number } = {}): Pages<ApiArtifact> {
    return inputArtifacts(this.#session, this.#path, options);
  }

  /** Makes an artifact an input of the run (Python: `Run.use_artifact`). */
  useArtifact(artifact: ApiArtifact): Promise<void> {
    const { entity, project, name: runName } = this.#path;
    const place = { artifactEntity: artifact.entity, artifactProject: artifact.project };
    const use = { entity, project, runName, artifactID: artifact.id, ...place };
    return this.#session.ask((connection, options) => useArtifact(connection, use, options));
  }

  /** Reads everything anew; changes that were not sent are lost (Python: `Run.load(force=True)`). */
  async load(): Promise<this> {
    this.#adopt(await fetchRecord(this.#session, this.#path));
    return this;
  }

  /**
   * Sends what was changed since the run was read: name, tags, notes, group, job type, config, summary (Python:
   * `Run.update`). Nothing is sent when nothing was; an emptied text is sent as "".
   */
  async update(): Promise<void> {
    const { group, ...changed } = changedFields(this, this.#record);
    const variables = { ...changed, ...(group === undefined ? {} : { groupName: group }) };
    if (Object.keys(variables).length === 0) return;
    await this.#session.query(UPDATE_RUN, { id: this.storageId, ...variables });
    this.#record = { ...this.#record, ...changed, ...(group === undefined ? {} : { group }) };
  }

  /** Deletes the run on the server (Python: `Run.delete`). */
  async delete(options: { readonly deleteArtifacts?: boolean } = {}): Promise<void> {
    const { deleteArtifacts = false } = options;
    await this.#session.query(DELETE_RUN, { id: this.storageId, deleteArtifacts });
  }

  /**
   * Waits until the run has ended, and reads it anew (Python: `Run.wait_until_finished`).
   *
   * @param options.pollMs milliseconds between questions; default 5000
   */
  async waitUntilFinished(
    options: { readonly pollMs?: number; readonly signal?: AbortSignal } = {},
  ): Promise<this> {
    const { pollMs = 5000, signal } = options;
    for (;;) {
      signal?.throwIfAborted();
      const { project } = await this.#session.query<RunAnswer>(RUN_STATE, { ...this.#path });
      if (!project?.run) throw notFound(`run ${this.path} any more`);
      if (ENDED.has(project.run.state)) return this.load();
      await sleep(pollMs, signal);
    }
  }

  #adopt(record: RunRecord): void {
    this.#record = record;
    Object.assign(this, contentsOf(record));
  }
}
