import { type ArtifactInput, type ArtifactOptions, artifactEvent } from "./artifact-input.js";
import { createHost } from "./backend/host.js";
import { noticesOf } from "./channel/host-notices.js";
import type { Reports } from "./channel/protocol.js";
import { captureConsole } from "./collectors/console.js";
import { maskParams, maskSecrets } from "./collectors/secrets.js";
import { writeHandle } from "./distributed/handle.js";
import type { RunPlan } from "./distributed/plan-run.js";
import { TraceletError } from "./errors.js";
import { checkStep, checkTag, checkWallTime, wallTimeNow } from "./events/check.js";
import type { Event, JsonObject, JsonValue, Outcome } from "./events/event.js";
import { checkJsonObject } from "./events/json.js";
import { toScalar } from "./media/tensor-input.js";
import { createRecorder, type Recorder, type Stats } from "./recorder.js";
import { type BackendStatus, createRunStatus, type RunStatus, type Trouble } from "./run-status.js";
import type { ResolvedSettings } from "./settings/resolve.js";
import { tableInput } from "./table-input.js";

export type { Trouble } from "./run-status.js";

/** Where an experiment stands. */
export interface Status {
  readonly state: "running" | "finishing" | "finished" | "failed" | "killed" | "disabled";
  readonly id: string;
  readonly backends: { readonly [backend: string]: BackendStatus };
  /** The latest troubles, oldest first, at most 20. */
  readonly troubles: readonly Trouble[];
}

/** How an experiment ends. */
export interface FinishOptions {
  /** 0 is success; anything else marks the run failed. Default 0. */
  readonly exitCode?: number;
  /** What ended it, for a failed run. */
  readonly reason?: string;
  /** How long it may take at most (milliseconds); what is not done by then is reported as pending. */
  readonly deadlineMs?: number;
}

/**
 * One tracked run of a script. `startLogging` returns it; it is not constructed directly.
 *
 * Every logging call returns at once: values are copied into the channel to the logging worker. Trouble with a backend
 * is never thrown here (except with `strict: true`): it is a line on stderr, a `trouble` event, and in `status()`.
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * await using experiment = tracelet.startLogging("jsonl", { expName: "demo" });
 * experiment.log({ loss: 0.5, accuracy: 0.8 }, { step: 1 });
 * ```
 */
export class Experiment {
  /** Identity of the run. */
  readonly id: string;
  /** Name shown to people, if one was given. */
  readonly name: string | undefined;
  /** What the run belongs to, with others. */
  readonly project: string;
  /** Step used by calls that give none; undefined until `setIteration` is called. */
  #iteration: number | undefined;
  readonly #recorder: Recorder | undefined;
  readonly #settings: ResolvedSettings;
  readonly #status: RunStatus;
  readonly #releaseConsole: () => void;
  readonly #onFinish: (experiment: Experiment) => void;
  #state: Status["state"] = "running";
  #finishing: Promise<Reports> | undefined;

  /** @internal */
  constructor(settings: ResolvedSettings, onFinish: (experiment: Experiment) => void) {
    const { run } = settings;
    this.id = run.id;
    this.name = run.name;
    this.project = run.project;
    this.#settings = settings;
    this.#onFinish = onFinish;
    const { labels, script, strict, disabled, stallMs } = settings;
    this.#status = createRunStatus(disabled ? [] : labels, strict);
    if (disabled) {
      this.#state = "disabled";
      this.#recorder = undefined;
      this.#releaseConsole = () => {};
      return;
    }
    const local = script.map(({ label, candidates, route }) => {
      const reporter = noticesOf(label, (notice) => this.#status.receive({ ...notice, experiment: 0 }));
      return createHost({ label, candidates, route, stallMs, reporter });
    });
    const { worker, collect } = settings;
    const plan = worker.length === 0 ? undefined : { run, backends: worker, collect, stallMs };
    this.#recorder = createRecorder(plan, local, (notice) => this.#status.receive(notice));
    for (const host of local) void host.open(run);
    this.#releaseConsole = settings.console
      ? captureConsole((stream, text) =>
          this.record({ kind: "console", stream, text: maskSecrets(text), wallTime: wallTimeNow() }),
        )
      : () => {};
  }

  /**
   * Logs one number under each name, all at one step.
   *
   * @param values numbers (or booleans, bigints, one-element tensors) by name
   * @param options.step x value, a safe integer; default `iteration`, else none
   * @throws TraceletError `invalid-value` for an empty name, a value that is no number, or a step that is no safe integer
   */
  log(
    values: { readonly [tag: string]: unknown },
    options: { readonly step?: number; readonly wallTime?: number } = {},
  ): void {
    if (
      typeof values !== "object" ||
      values === null ||
      Array.isArray(values) ||
      typeof options !== "object"
    ) {
      throw new TraceletError(
        "invalid-value",
        "log() takes numbers by name, and the step in an object: log({ loss: 0.5 }, { step: 1 })",
      );
    }
    const tags = Object.keys(values);
    const numbers = tags.map((tag) => toScalar(values[checkTag(tag)], tag));
    if (tags.length === 0) return;
    const step = checkStep(options.step ?? this.#iteration);
    const wallTime = checkWallTime(options.wallTime ?? wallTimeNow());
    this.#check()?.row(tags, numbers, step ?? Number.NaN, wallTime);
  }

  /** Logs one number. The same as `log({ [name]: value }, { step })`, and faster. */
  logMetric(name: string, value: unknown, step?: number): void {
    this.scalar(name, typeof value === "number" ? value : toScalar(value, name), step);
  }

  /**
   * Logs one number: what `SummaryWriter.addScalar` calls. At most a quarter of a microsecond.
   *
   * @throws TraceletError `invalid-value` for an empty tag, a value that is no number or a step that is no safe integer
   */
  scalar(
    tag: string,
    value: number,
    step: number | undefined = this.#iteration,
    wallTime = Date.now() / 1000,
  ): void {
    if (typeof tag !== "string" || tag === "") checkTag(tag);
    if (typeof value !== "number") value = toScalar(value, tag);
    if (step !== undefined && !Number.isSafeInteger(step)) checkStep(step);
    if (!Number.isFinite(wallTime)) checkWallTime(wallTime);
    if (this.#status.untold !== undefined) this.#status.throwUntold();
    this.#recorder?.scalar(tag, value, step ?? Number.NaN, wallTime);
  }

  /**
   * Logs inputs of the run (configuration, hyperparameters); nested objects stay nested. Later values win. Values under
   * names that stand for secrets (`apiKey`, `password` ...) are masked.
   */
  logParams(params: JsonObject): void {
    const checked = maskParams(checkJsonObject(params, "params"));
    this.record({ kind: "params", params: checked, wallTime: wallTimeNow() });
  }

  /** Logs one input of the run. */
  logHyperparameter(name: string, value: JsonValue): void {
    this.logParams({ [checkTag(name)]: value });
  }

  /** Logs results of the run that are not a series, such as the best accuracy. Later values win. */
  summary(values: JsonObject): void {
    this.record({
      kind: "summary",
      values: checkJsonObject(values, "summary"),
      wallTime: wallTimeNow(),
    });
  }

  /** Replaces the run's labels. */
  setTags(tags: readonly string[]): void {
    if (!Array.isArray(tags))
      throw new TraceletError("invalid-value", 'setTags: give an array, such as ["baseline"]');
    this.record({ kind: "tags", tags: tags.map((tag) => checkTag(tag)), wallTime: wallTimeNow() });
  }

  /**
   * Logs rows under column names.
   *
   * @param table `{columns, rows}`, or an array of objects (their keys are the columns)
   */
  logTable(
    tag: string,
    table:
      | { readonly columns: readonly string[]; readonly rows: readonly (readonly JsonValue[])[] }
      | readonly JsonObject[],
    step?: number,
  ): void {
    this.record({
      kind: "table",
      tag: checkTag(tag),
      ...tableInput(table, `table "${tag}"`),
      wallTime: wallTimeNow(),
      ...this.#stepOf(step),
    });
  }

  /**
   * Keeps a file, a folder, bytes, rows or an object with the run.
   *
   * @param source path of a file or folder, bytes, an address (`https:`, `s3:` ...), rows (stored as CSV or JSON) or an
   *   object (stored as JSON)
   * @param options.artifactPath where it stands inside the artifact; a trailing slash keeps the file's own name
   * @param options.name name of the artifact; default the file's name
   * @param options.type `model`, `dataset` ...; default `file`
   * @throws TraceletError `invalid-value` for a missing file or an illegal name or path
   */
  logArtifact(source: ArtifactInput, options: ArtifactOptions = {}): void {
    this.record(artifactEvent(source, options));
  }

  /**
   * A text with which other processes and threads log to this run: {@link attachExperiment} takes it, from wherever it was
   * handed over (`fork`'s environment as `TRACELET_HANDLE`, `workerData`, a message, an argument). It names the run, its
   * folder and its backends with their options, and holds no secrets: each writer finds its own keys. Blocks for nothing.
   *
   * @throws TraceletError `invalid-option` when the run was not started with `shareable: true` (or is not one of ranks in
   *   `runMode` `shared`), or a backend is an object of this process
   *
   * @example
   * ```ts
   * const experiment = tracelet.startLogging("tensorboard", { shareable: true });
   * fork("child.js", { env: { ...process.env, TRACELET_HANDLE: experiment.handle() } });
   * ```
   */
  handle(): string {
    return writeHandle(this.#settings, process.env);
  }

  /** What the rank policy has decided for this process. @internal */
  get plan(): RunPlan {
    return this.#settings.plan;
  }

  /** Whether signals are handled while this is open. @internal */
  get signals(): boolean {
    return this.#settings.signals;
  }

  /** Resolves when every backend is ready; with `strict` it rejects if one could not start, otherwise it never rejects. */
  get ready(): Promise<void> {
    // Reading it is taken as waiting for it: the process stays alive meanwhile.
    this.#recorder?.hold(this.#status.ready);
    return this.#status.ready;
  }

  /** Step for the calls that give none, from now on. */
  setIteration(step: number): void {
    this.#iteration = checkStep(step);
  }

  /** True once the run is ending or has ended: what is logged now is dropped. */
  get ended(): boolean {
    return this.#finishing !== undefined;
  }

  /** Step of calls that give none; undefined until `setIteration` is called. */
  get iteration(): number | undefined {
    return this.#iteration;
  }

  /** Logs any event: what the other methods and the writers end in. For adapters of other libraries. */
  record(event: Event): void {
    this.#check()?.event(event);
  }

  /**
   * Numbers of one row as a backend's own API logs them, without checks; `step` is NaN when there is none.
   *
   * @internal
   */
  row(
    tags: readonly string[],
    values: readonly number[],
    step: number,
    wallTime: number,
    commit: boolean | undefined,
  ): void {
    this.#check()?.row(tags, values, step, wallTime, commit);
  }

  /**
   * A backend's answer to a question of its own API; sleeps until it is there.
   *
   * @internal
   */
  ask(backend: string, question: unknown): unknown {
    return this.#recorder?.ask(backend, question, this.#settings.deadlineMs);
  }

  /**
   * A backend's answer to a request of its own API that takes long; resolves when it is there.
   *
   * @internal
   */
  async serve(backend: string, request: unknown): Promise<unknown> {
    return this.#recorder?.serve(backend, request);
  }

  /** Resolves when everything logged so far is durable in every backend, and sent as far as the network allows. */
  async flush(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    await this.#recorder?.flush(options.deadlineMs ?? this.#settings.deadlineMs);
    this.#check();
  }

  /**
   * As `flush`, but blocks the thread. For scripts that cannot await. Returns false when the deadline passed, or when a backend
   * on this thread has not finished writing: it cannot before the script yields.
   */
  flushSync(options: { readonly deadlineMs?: number } = {}): boolean {
    const done = this.#recorder?.flushSync(options.deadlineMs ?? this.#settings.deadlineMs) ?? true;
    this.#check();
    return done;
  }

  /**
   * Ends the run. Calls after it are counted as dropped. A second call gives the first one's result.
   *
   * @returns what became of the events, by backend; never later than the deadline (and its grace of 5 s for a hanging worker)
   */
  finish(options: FinishOptions = {}): Promise<Reports> {
    this.#finishing ??= this.#finish(options);
    return this.#finishing;
  }

  /**
   * Ends the run as far as that is possible without the event loop, because the process is about to end: for backends on
   * the script's thread; the worker's are ended by `shutdown`. Returns the deadline. @internal
   */
  endNow(outcome: Outcome): number {
    this.#finishing ??= Promise.resolve({});
    this.#recorder?.endNow(outcome);
    return this.#settings.deadlineMs;
  }

  async #finish({
    exitCode = 0,
    reason,
    deadlineMs = this.#settings.deadlineMs,
  }: FinishOptions): Promise<Reports> {
    this.#releaseConsole();
    if (this.#recorder === undefined) return {};
    const outcome: Outcome = {
      status: exitCode === 0 ? "finished" : "failed",
      exitCode,
      ...(reason !== undefined && { reason: maskSecrets(reason) }),
    };
    this.#state = "finishing";
    const reports = await this.#recorder.finish(outcome, deadlineMs);
    this.#state = outcome.status;
    this.#onFinish(this);
    this.#check();
    if (this.#settings.strict) throwWhatWasLost(reports);
    return reports;
  }

  /** What logging has cost so far, and what was lost. */
  stats(): Stats {
    return this.#recorder?.stats() ?? NO_STATS;
  }

  /** Where the experiment and its backends stand. */
  status(): Status {
    this.#recorder?.stats();
    return {
      state: this.#state,
      id: this.id,
      ...this.#status.describe(),
    };
  }

  /** Where the run can be seen (an address, else a folder), once the backend has said so; of the first backend by default. */
  url(backend?: string): string | undefined {
    this.#recorder?.stats();
    const known = this.#status.backend(backend);
    return known?.address ?? known?.location;
  }

  /** Calls `listener` for each trouble from now on, when the event loop gets to it. Returns a function that stops it. */
  on(_event: "trouble", listener: (trouble: Trouble) => void): () => void {
    return this.#status.listen(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  #stepOf(step: number | undefined): { step?: number } {
    const checked = checkStep(step ?? this.#iteration);
    return checked === undefined ? {} : { step: checked };
  }

  /** The recorder, after throwing what `strict` asks to be thrown. */
  #check(): Recorder | undefined {
    if (this.#status.untold !== undefined) this.#status.throwUntold();
    return this.#recorder;
  }
}

const NO_STATS: Stats = { events: 0, bytes: 0, waits: 0, waitedMs: 0, timeMs: 0, queueAgeMs: 0, drops: {} };

function throwWhatWasLost(reports: Reports): void {
  for (const [backend, { dropped }] of Object.entries(reports)) {
    if (dropped > 0)
      throw new TraceletError("backend-failed", `${backend}: ${dropped} events were dropped`, { backend });
  }
}
