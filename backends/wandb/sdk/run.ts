import { join } from "node:path";
import type { SyncReport } from "../../../src/backend/contract.js";
import { messageOf, TraceletError } from "../../../src/errors.js";
import type { Experiment } from "../../../src/experiment.js";
import { describe } from "../../../src/media/wrong-value.js";
import type { ApiArtifact } from "../api/artifact.js";
import { type AlertOptions, alertRecord, createAlertWaits } from "../around/alert.js";
import { type SaveOptions, saveFiles } from "../around/save-files.js";
import {
  createWatchedModels,
  type LayersModelLike,
  type WatchableModel,
  type WatchOptions,
} from "../around/watch.js";
import type { Artifact } from "../artifacts/artifact.js";
import type { LinkedArtifact } from "../artifacts/link.js";
import { checkAliases, checkArtifactTags } from "../artifacts/rules.js";
import type { SavedArtifact } from "../artifacts/upload/saver.js";
import type { RunConfig } from "../config/config.js";
import { type MetricOptions, Metrics } from "../history/metrics.js";
import { captureRow } from "../media/capture.js";
import type {
  ArtifactAnswer,
  NativeCalls,
  NativeName,
  NativeQuestion,
  NativeRequest,
  RunAnswer,
} from "../native/native-call.js";
import { checkTags } from "../run/run-id.js";
import type { RunSettings } from "../settings/run-settings.js";
import { type Config, createConfigView } from "./config-view.js";
import { createLocalSummary } from "./local-summary.js";
import { codeArtifact, codeArtifactName, type LogCodeOptions } from "./log-code.js";
import { type LogArtifactOptions, LoggedArtifact, pathArtifact } from "./logged-artifact.js";
import { linkVersion, type RequestingRun, useVersion } from "./run-requests.js";
import { createSummaryView, type Summary } from "./summary-view.js";

/** How one call to `log` is placed. */
export interface LogOptions {
  /** The row's step. It can only go up: data of a lower one are dropped, with one warning. */
  step?: number;
  /** Whether the row is complete; default: yes without `step`, no with it. */
  commit?: boolean;
}

/** How a run ends. */
export interface FinishRunOptions {
  /** 0 is success; anything else marks the run failed. Default 0. */
  exitCode?: number;
}

/** Which version `useArtifact` takes. */
export interface UseArtifactOptions {
  /** The type that it has to have. */
  type?: string;
}

/** @internal */
export interface RunParts {
  readonly experiment: Experiment;
  readonly settings: RunSettings;
  /** A key that the script gave. */
  readonly apiKey?: string | undefined;
  readonly config: RunConfig;
  readonly onFinish: (run: Run, exitCode: number) => void;
}

/** How often artifacts that nobody waits for any more are forgotten. */
const FORGET_EVERY = 1000;
const NO_NUMBERS: readonly never[] = [];

/**
 * A run of W&B (Python: `wandb.Run`). `init` returns it. Logging returns at once: values are copied into the channel to the
 * logging worker, which writes them into the run's transaction log.
 *
 * @example
 * ```ts
 * import * as wandb from "tracelet/wandb";
 *
 * const run = await wandb.init({ project: "digits", config: { lr: 0.01 } });
 * for (let i = 0; i < 100; i++) run.log({ loss: Math.exp(-i / 30) });
 * run.summary.done = true;
 * await run.finish();
 * ```
 */
export class Run {
  /** Identity of the run (Python: `run.id`). */
  readonly id: string;
  #project: string;
  #entity: string;
  /** Runs that belong together (`WANDB_RUN_GROUP`). */
  readonly group: string | undefined;
  /** What the run does in its group: `training`, `evaluation` ... (`WANDB_JOB_TYPE`). */
  readonly jobType: string | undefined;
  /** `online`, `offline`, `shared` or `disabled`, as it was asked for. */
  readonly mode: RunSettings["mode"];
  /** Seconds since the epoch. */
  readonly startTime: number;
  /** Inputs of the run: read and set like an object; dots name nested values (Python: `run.config`). */
  readonly config: Config;
  /** Results of the run. Reading one waits for what was logged before (Python: `run.summary`). */
  readonly summary: Summary;
  readonly #experiment: Experiment;
  readonly #settings: RunSettings;
  readonly #apiKey: string | undefined;
  readonly #values: RunConfig;
  readonly #onFinish: RunParts["onFinish"];
  readonly #watched = createWatchedModels();
  readonly #alerts = createAlertWaits();
  #watching = false;
  #resumed = false;
  #startingStep = 0;
  #name: string | undefined;
  #notes: string | undefined;
  #tags: readonly string[];
  #finishing: Promise<void> | undefined;
  /** What was logged and may be waited for. */
  #logged: WeakRef<LoggedArtifact>[] = [];

  /** @internal */
  constructor({ experiment, settings, apiKey, config, onFinish }: RunParts) {
    this.id = settings.runId;
    this.#project = settings.project;
    this.#entity = settings.entity ?? "";
    this.group = settings.group;
    this.jobType = settings.jobType;
    this.mode = settings.mode;
    this.startTime = Date.now() / 1000;
    this.#experiment = experiment;
    this.#settings = settings;
    this.#apiKey = apiKey;
    this.#values = config;
    this.#onFinish = onFinish;
    this.#name = settings.name;
    this.#notes = settings.notes;
    this.#tags = settings.tags;
    this.config = createConfigView(config);
    this.summary = createSummaryView(
      this.disabled
        ? createLocalSummary()
        : {
            set: (values) => this.#call("summary", { values }),
            remove: (path) => this.#call("removeSummary", { path }),
            read: (path) => this.#ask({ summary: path }),
          },
    );
  }

  /** Project of the run, by the server's name once it has answered (Python: `run.project`). */
  get project(): string {
    return this.#project;
  }

  /** User or team (Python: `run.entity`); empty for an offline run without one: it is the one of the key that syncs. */
  get entity(): string {
    return this.#entity;
  }

  /** The run's page (Python: `run.url`); undefined until the server knows the run, and for an offline one. */
  get url(): string | undefined {
    this.#experiment.stats();
    return this.#experiment.status().backends["wandb"]?.address;
  }

  /** Whether the run goes on with one that was there (Python: `run.resumed`). */
  get resumed(): boolean {
    return this.#resumed;
  }

  /** Step of the first row (Python: `run.starting_step`): 0, or the one after the last of the run that this one goes on with. */
  get startingStep(): number {
    return this.#startingStep;
  }

  /** Name shown to people; undefined lets the server make one up. */
  get name(): string | undefined {
    return this.#name;
  }

  set name(name: string) {
    if (typeof name !== "string") refuse(`name is a text, not ${describe(name)}`);
    this.#name = name;
    this.#call("fields", { displayName: name });
  }

  /** Description of the run, shown on its page (Python: `run.notes`). */
  get notes(): string | undefined {
    return this.#notes;
  }

  set notes(notes: string) {
    if (typeof notes !== "string") refuse(`notes are a text, not ${describe(notes)}`);
    this.#notes = notes;
    this.#call("fields", { notes });
  }

  /** Labels of the run; set all of them at once. They cannot be taken away again. */
  get tags(): readonly string[] {
    return this.#tags;
  }

  set tags(tags: readonly string[]) {
    if (!Array.isArray(tags)) refuse(`tags are a list of texts, not ${describe(tags)}`);
    this.#tags = [...checkTags(tags)];
    this.#call("fields", { tags: [...this.#tags] });
  }

  /** Folder of the run's files, which are uploaded when `save` names them (Python: `run.dir`). */
  get dir(): string {
    return join(this.#folder() ?? this.#settings.dir, "files");
  }

  /** Whether nothing is kept. */
  get disabled(): boolean {
    return this.#experiment.status().state === "disabled";
  }

  /** Step of the next row; waits for what was logged before. */
  get step(): number {
    return (this.#ask("step") as number | undefined) ?? 0;
  }

  /** What happened to the events so far, and where the run stands. */
  get experiment(): Experiment {
    return this.#experiment;
  }

  /**
   * Logs a row (Python: `run.log`): numbers, texts, truth values, lists, nested objects, media, tables, charts.
   *
   * @throws TraceletError `invalid-value` for what cannot be logged or a step that is no integer
   */
  log(data: { readonly [key: string]: unknown }, options?: LogOptions): void {
    const wallTime = Date.now() / 1000;
    if (options !== undefined && typeof options !== "object")
      refuse("log() takes the step in an object: log({ loss: 0.5 }, { step: 1 })");
    const step = options?.step;
    if (step !== undefined && !Number.isSafeInteger(step)) refuse(`log(): step is an integer, got ${step}`);
    if (typeof data !== "object" || data === null || Array.isArray(data))
      refuse(`log() takes an object of values by name, such as { loss: 0.5 }, not ${describe(data)}`);
    try {
      if (this.#watching) return this.#logValues({ ...data, ...this.#watched.due() }, options, wallTime);
      const keys = Object.keys(data);
      const { length } = keys;
      const numbers: number[] =
        length === 0 ? (NO_NUMBERS as unknown as number[]) : new Array<number>(length);
      for (let i = 0; i < length; i++) {
        const value = data[keys[i]!];
        if (typeof value !== "number" || keys[i] === "") return this.#logValues(data, options, wallTime);
        numbers[i] = value;
      }
      if (length === 0) return this.#logValues(data, options, wallTime);
      this.#experiment.row(keys, numbers, step ?? Number.NaN, wallTime, options?.commit);
    } catch (error) {
      if (error instanceof TraceletError) throw error;
      // A getter, a proxy or a toJSON of the caller's.
      refuse(`log(): a value cannot be read: ${messageOf(error)}`, error);
    }
  }

  /**
   * Says how a metric is shown and summarised (Python: `run.define_metric`).
   *
   * @param name may end in `*`, for all metrics that begin so
   */
  defineMetric(name: string, options: MetricOptions = {}): void {
    // Refused here, where the caller can see it; the worker's metrics are the ones that count.
    new Metrics({ write() {}, configureSummary() {} }).define(name, options);
    this.#call("defineMetric", { name, options: { ...options } });
  }

  /**
   * Logs a version of an artifact (Python: `run.log_artifact`): one that was built, or a path.
   *
   * @param options.name of a path's artifact; default `run-<id>-<file name>`
   * @param options.type of a path's artifact; default `unspecified`
   * @param options.aliases names of this version besides `latest`
   */
  logArtifact(artifactOrPath: Artifact | string, options: LogArtifactOptions = {}): LoggedArtifact {
    const artifact =
      typeof artifactOrPath === "string" ? pathArtifact(artifactOrPath, this.id, options) : artifactOrPath;
    if (typeof artifact?.toPlan !== "function")
      refuse(`logArtifact() takes an Artifact or a path, not ${describe(artifact)}`);
    const aliases = checkAliases(options.aliases ?? []);
    const tags = checkArtifactTags(options.tags ?? []);
    this.#call("artifact", { plan: artifact.finalPlan(), aliases, tags, useAfterCommit: false });
    const logged = new LoggedArtifact(artifact, () => this.#arrival(artifact));
    this.#logged.push(new WeakRef(logged));
    if (this.#logged.length % FORGET_EVERY === 0)
      this.#logged = this.#logged.filter((each) => each.deref() !== undefined);
    return logged;
  }

  /**
   * Makes an artifact an input of the run (Python: `run.use_artifact`): one that was built here and is uploaded as one, or a
   * version at the server, by its name or as the API gives it.
   *
   * @param version `collection:alias`, `project/collection:v3` ...; without an alias it is `latest`
   * @returns for a version at the server that version, to be downloaded
   * @throws TraceletError `invalid-value` when there is no such version, and for one at the server in an offline run
   */
  useArtifact(artifact: Artifact): Artifact;
  useArtifact(version: string | ApiArtifact, options?: UseArtifactOptions): Promise<ApiArtifact>;
  useArtifact(
    artifact: Artifact | string | ApiArtifact,
    options: UseArtifactOptions = {},
  ): Artifact | Promise<ApiArtifact> {
    if (typeof artifact === "string" || !("finalPlan" in artifact))
      return this.#useVersion(artifact, options);
    this.#call("artifact", {
      plan: artifact.finalPlan(),
      aliases: checkAliases([]),
      tags: [],
      useAfterCommit: true,
    });
    return artifact;
  }

  /**
   * Puts a version into a collection of a registry or of another project (Python: `run.link_artifact`); waits for its upload.
   *
   * @param artifact what `logArtifact` returned, or a version at the server
   * @param target `[entity/]project/collection`, in a registry `wandb-registry-<name>/<collection>`
   * @param options.aliases names of the version there besides `latest`
   * @throws TraceletError when the server refuses, and in an offline run
   */
  async linkArtifact(
    artifact: LoggedArtifact | ApiArtifact,
    target: string,
    options: { readonly aliases?: readonly string[] } = {},
  ): Promise<LinkedArtifact> {
    this.#checkSent(`linkArtifact() to "${target}"`);
    const id = artifact instanceof LoggedArtifact ? await artifact.id() : artifact.id;
    return linkVersion(this.requesting, id!, target, options.aliases ?? []);
  }

  /** Keeps source files as an artifact (Python: `run.log_code`). Returns undefined, with a warning, when none is included. */
  logCode(root = ".", options: LogCodeOptions = {}): LoggedArtifact | undefined {
    const name = options.name ?? codeArtifactName(this.project, process.argv[1] ?? "script");
    const artifact = codeArtifact(root, name, options);
    if (artifact === undefined) return undefined;
    const logged = this.logArtifact(artifact);
    this.#call("internalConfig", { path: ["code_path"], value: name });
    return logged;
  }

  /** Sends a message to those who follow the run (Python: `run.alert`). */
  alert(options: AlertOptions): void {
    const alert = alertRecord(options);
    if (this.#alerts.admit(alert, Date.now() / 1000)) this.#call("alert", { alert });
  }

  /**
   * Saves files with the run (Python: `run.save`).
   *
   * @param pattern a path, or a pattern with `*`, `?`, `[...]` and `**`
   * @returns the paths inside the run's files
   */
  save(pattern: string, options: SaveOptions = {}): string[] {
    if (this.disabled) return [];
    const folder = this.#folder();
    if (folder === undefined) return refuse("save(): the run has no folder");
    const { symlink } = this.#settings.values;
    const place = { cwd: process.cwd(), filesDir: this.dir, wandbDir: join(folder, ".."), symlink };
    const { paths, record, problems } = saveFiles(pattern, place, options);
    if ((record.files?.length ?? 0) > 0) this.#call("files", { record });
    if (problems.length > 0 && paths.length === 0) refuse(`save(): ${problems[0]}`);
    return paths;
  }

  /** Logs distributions of a model's weights and gradients with every `logFreq`-th row (Python: `run.watch`). */
  watch(model: WatchableModel | LayersModelLike, options: WatchOptions = {}): void {
    this.#watched.watch(model, options);
    this.#watching = true;
  }

  /** Stops watching a model, or all of them. */
  unwatch(model?: WatchableModel | LayersModelLike): void {
    this.#watched.unwatch(model);
    if (model === undefined) this.#watching = false;
  }

  /** Says that the machine is about to be taken away (Python: `run.mark_preempting`). */
  markPreempting(): void {
    this.#call("preempting", {});
  }

  /** Adds lines to the run's console log (Python: `run.write_logs`). */
  writeLogs(text: string): void {
    this.#call("output", { text });
  }

  /**
   * Takes over how the server names the run and what it had before; waits for the server's answer, or for its being late.
   * Throws when the run may not begin.
   *
   * @internal
   */
  async connected(): Promise<void> {
    if (!this.#isSent || this.disabled) return;
    const answer = (await this.#serve("run")) as RunAnswer | undefined;
    if (answer?.refused !== undefined) {
      await this.finish({ exitCode: 1 }).catch(() => {});
      throw new TraceletError("invalid-option", answer.refused, { backend: "wandb" });
    }
    const run = answer?.run;
    if (run === undefined) return;
    this.#project = run.project;
    this.#entity = run.entity;
    this.#name ??= run.displayName;
    this.#resumed = run.resumed;
    this.#startingStep = run.startingStep;
    if (this.#tags.length === 0) this.#tags = run.tags;
    this.#notes ??= run.notes;
    this.#values.restore(run.config);
  }

  /** Resolves when everything logged so far is on the disk, and has arrived at the server as far as the network allows. */
  flush(): Promise<void> {
    return this.#experiment.flush();
  }

  /**
   * Ends the run (Python: `run.finish`). Resolves when everything has arrived, or at the deadline (`TRACELET_DEADLINE_MS`, 30,000):
   * what is missing then stays in the run's folder for `tracelet sync`. What is logged afterwards is dropped, and counted.
   *
   * @throws TraceletError `backend-failed` when something is missing, with the settings `finishTimeout` and
   * `finishTimeoutRaises` only. The run has ended then, too.
   */
  finish({ exitCode = 0 }: FinishRunOptions = {}): Promise<void> {
    // Whoever waits for one later finds out now.
    if (this.#finishing === undefined && this.#isSent)
      for (const ref of this.#logged) void ref.deref()?.arrival();
    // With TRACELET_STRICT the end may reject; the run has ended all the same.
    this.#finishing ??= this.#experiment
      .finish({ exitCode })
      .then((report) => this.#checkArrival(report["wandb"]))
      .finally(() => this.#onFinish(this, exitCode));
    return this.#finishing;
  }

  #checkArrival(report: SyncReport | undefined): void {
    const { finishTimeout, finishTimeoutRaises } = this.#settings.values;
    if (!this.#isSent || !finishTimeout || !finishTimeoutRaises || !report?.pending) return;
    const left = `${report.pending} events of the run did not arrive within ${finishTimeout} s`;
    throw new TraceletError("backend-failed", `${left}; ${report.hint ?? "they are kept"}`, {
      backend: "wandb",
    });
  }

  /** Ends the run, as `finish()` does: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  #logValues(
    data: { readonly [key: string]: unknown },
    options: LogOptions | undefined,
    wallTime: number,
  ): void {
    const row = captureRow(data);
    const { step, commit } = options ?? {};
    this.#call(
      "log",
      { row, ...(step === undefined ? {} : { step }), ...(commit === undefined ? {} : { commit }) },
      wallTime,
    );
  }

  #call<Name extends NativeName>(name: Name, data: NativeCalls[Name], wallTime = Date.now() / 1000): void {
    this.#experiment.record({ kind: "native", backend: "wandb", name, data, wallTime });
  }

  async #useVersion(version: string | ApiArtifact, { type }: UseArtifactOptions): Promise<ApiArtifact> {
    this.#checkSent(`useArtifact("${typeof version === "string" ? version : version.name}")`);
    return useVersion(this.requesting, version, type);
  }

  #checkSent(what: string): void {
    if (!this.#isSent) refuse(`${what} asks the server, and this run is kept offline`);
  }

  /** @internal */
  get requesting(): RequestingRun {
    const { entity, project, id } = this;
    return { entity, project, id, baseUrl: this.#settings.values.baseUrl, apiKey: this.#apiKey };
  }

  /** The artifact at the server; undefined for an offline run, where it is safe in the log then. */
  async #arrival(artifact: Artifact): Promise<SavedArtifact | undefined> {
    if (!this.#isSent) {
      await this.#experiment.flush();
      return undefined;
    }
    const answer = (await this.#serve({ artifact: artifact.clientId })) as ArtifactAnswer | undefined;
    if (answer?.artifact === undefined) {
      const reason = answer?.problem ?? "the run has ended";
      throw new TraceletError("backend-failed", `artifact ${artifact.name} did not arrive: ${reason}`, {
        backend: "wandb",
      });
    }
    return answer.artifact;
  }

  get #isSent(): boolean {
    return this.mode === "online" || this.mode === "shared";
  }

  #serve(request: NativeRequest): Promise<unknown> {
    return this.#experiment.serve("wandb", request);
  }

  #folder(): string | undefined {
    return this.#experiment.status().backends["wandb"]?.location;
  }

  #ask(question: NativeQuestion): unknown {
    return this.#experiment.ask("wandb", question);
  }
}

function refuse(rule: string, cause?: unknown): never {
  throw new TraceletError("invalid-value", `${rule}.`, { backend: "wandb", cause });
}
