import { AsyncLocalStorage } from "node:async_hooks";
import type { BackendName } from "./backend/registry.js";
import { drain, shutdown } from "./channel/channel.js";
import { installExitHooks, installSignalHooks } from "./channel/exit.js";
import type { Reports } from "./channel/protocol.js";
import { readHandle, writerLabel } from "./distributed/handle.js";
import { planRun, type RunPlan } from "./distributed/plan-run.js";
import { messageOf, TraceletError } from "./errors.js";
import type { Outcome } from "./events/event.js";
import { Experiment, type FinishOptions } from "./experiment.js";
import { type ResolvedSettings, resolveSettings } from "./settings/resolve.js";
import { generateRunId } from "./settings/run-id.js";
import type { BackendChoice, StartOptions } from "./settings/start-options.js";

const scope = new AsyncLocalStorage<Experiment>();
/** The experiment of scripts that have one at a time. */
let active: Experiment | undefined;
/** Every experiment that has not finished, so that the end of the process can finish it. */
const open = new Set<Experiment>();
let removeExitHooks: (() => void) | undefined;
let removeSignalHooks: (() => void) | undefined;

const watchers = new Set<(someOpen: boolean) => void>();

/** Calls `watch` now and whenever the first experiment opens or the last one has ended. @internal */
export function watchExperiments(watch: (someOpen: boolean) => void): void {
  watchers.add(watch);
  watch(open.size > 0);
}

/** Backends in a list: what an editor offers there, which it would not for `B` alone. Types nothing. */
type Listed = readonly NoInfer<BackendName>[];

/** The form of `startLogging` that takes everything in one object. */
export type StartOptionsWithBackend<B> = StartOptions<B> & { readonly backend?: B };

/**
 * Starts a run and makes it the active one; a run that was active before is finished first (in the background).
 *
 * Returns at once: nothing is awaited, no server is asked. `await experiment.ready` when the backends' answer matters.
 * Without a backend it uses `TRACELET_BACKEND`, else `tensorboard`: event files under `./runs`, no server, no account. With no
 * argument at all in a process that was given `TRACELET_HANDLE`, it is `attachExperiment()`.
 *
 * @param backend a name, several names, the path of a module (runs in the logging worker), or a backend object (runs on
 *   the script's thread)
 * @returns the experiment; end it with `await stopLogging()`, `await using` or not at all (the end of the process does)
 * @throws TraceletError `unknown-backend` or `invalid-option`, with a message that says what to do
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * const experiment = tracelet.startLogging("tensorboard", { expName: "resnet50", params: { lr: 1e-3 } });
 * const writer = new tracelet.SummaryWriter();
 * for (let step = 0; step < 100; step++) writer.addScalar("train/loss", Math.exp(-step / 30), step);
 * await tracelet.stopLogging();
 * ```
 */
export function startLogging(backend?: undefined, options?: StartOptions<"tensorboard">): Experiment;
export function startLogging<const B extends BackendChoice | readonly BackendChoice[]>(
  backend: B | Listed,
  options?: StartOptions<B>,
): Experiment;
export function startLogging<const B extends BackendChoice | readonly BackendChoice[]>(
  options: StartOptionsWithBackend<B>,
): Experiment;
export function startLogging(
  first?: BackendChoice | readonly BackendChoice[] | StartOptionsWithBackend<unknown>,
  second: StartOptions = {},
): Experiment {
  if (first === undefined && Object.keys(second).length === 0 && process.env["TRACELET_HANDLE"]) {
    return attachExperiment();
  }
  const [backend, options] = splitArguments(first, second);
  return activate(resolveSettings(backend, options, process.env));
}

/** What a writer of its own decides when it joins a run; the rest is the run's. */
export interface AttachOptions
  extends Pick<
    StartOptions,
    "dir" | "strict" | "system" | "console" | "signals" | "disabled" | "deadlineMs" | "stallMs"
  > {
  /** Tells this writer from the others. Default: `process-<pid>`, in a worker thread `process-<pid>-thread-<id>`. */
  readonly label?: string;
}

/**
 * Joins the run of another process or thread as one more writer of it, and makes it the active experiment here. Every writer
 * has its own journal: an event file in the run's folder, a W&B log that is sent (or synced) to the same run; backends
 * whose runs have one writer give it a run of its own in the run's group. Its end is not the run's: that is the
 * primary's, which should wait for the others before. What a writer that is killed has logged stays.
 *
 * The options are those of `startLogging`; `system` is false by default, since the primary samples the machine. The rank
 * policy is not asked: a process with a handle logs.
 *
 * @param handle what `handle()` gave; default `TRACELET_HANDLE`
 * @throws TraceletError `invalid-option` when there is no handle, or it is none; `unknown-backend` when it names a backend that
 *   this process has not registered
 *
 * @example
 * ```ts
 * // child.js, started with TRACELET_HANDLE
 * const experiment = tracelet.attachExperiment();
 * experiment.log({ "worker-1/loss": 0.5 }, { step: 1 });
 * await tracelet.stopLogging();
 * ```
 */
export function attachExperiment(
  handle: string | undefined = process.env["TRACELET_HANDLE"],
  { label = writerLabel(), ...own }: AttachOptions = {},
): Experiment {
  const joined = readHandle(handle);
  if (joined.disabled) return activate(resolveSettings(undefined, { disabled: true }, {}));
  const { id, backends, options } = joined;
  const parent = { id, process: "other" } as const;
  const plan = planRun({ parent, freshId: generateRunId(), explicit: { label } });
  // What the run is called was decided with it.
  const env = { ...process.env, TRACELET_PROJECT: undefined, TRACELET_EXPERIMENT_NAME: undefined };
  const given: StartOptions = { system: false, ...options, ...own, id, git: false, environment: false };
  return activate(resolveSettings(backends, given, env, plan));
}

/** Opens an experiment in place of the active one. */
function activate(settings: ResolvedSettings): Experiment {
  // The one that this one replaces: inside `withExperiment` that is not the scope's, which is ended by its scope.
  const previous = active;
  const experiment = openExperiment(settings);
  // With `strict` its trouble would be thrown here, where nobody waits for it; it has been printed.
  previous?.finish().catch(() => {});
  active = experiment;
  return experiment;
}

/**
 * Starts a run without making it the active one: for several at once in one process. Takes and throws what `startLogging` does.
 *
 * @example
 * ```ts
 * const experiment = tracelet.createExperiment("jsonl", { expName: "trial-1" });
 * experiment.log({ loss: 0.5 }, { step: 1 });
 * await experiment.finish();
 * ```
 */
export function createExperiment<const B extends BackendChoice | readonly BackendChoice[]>(
  backend: B | Listed,
  options: StartOptions<B> = {},
): Experiment {
  return openExperiment(resolveSettings(backend as B, options as StartOptions, process.env));
}

/** As `createExperiment`, for a caller that has asked the rank policy itself. @internal */
export function createPlannedExperiment(
  backend: BackendName,
  options: StartOptions,
  plan: RunPlan,
): Experiment {
  return openExperiment(resolveSettings(backend, options, process.env, plan));
}

/**
 * The experiment that logging goes to here: the innermost `withExperiment`, else the one started last and not ended.
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * tracelet.startLogging("console");
 * tracelet.getActiveExperiment()?.logMetric("answer", 42);
 * ```
 */
export function getActiveExperiment(): Experiment | undefined {
  return scope.getStore() ?? active;
}

/**
 * Ends the active experiment: everything logged is written and sent as far as the deadline allows. Does nothing, and
 * gives an empty report, when none is active.
 *
 * @returns by backend how many events are synced, pending and dropped
 *
 * @example
 * ```ts
 * const report = await tracelet.stopLogging();
 * console.log(report.wandb?.synced, report.wandb?.pending, report.wandb?.hint);
 * ```
 */
export async function stopLogging(options: FinishOptions = {}): Promise<Reports> {
  const experiment = getActiveExperiment();
  if (experiment === undefined) return {};
  const report = await experiment.finish(options);
  if (active === experiment) active = undefined;
  return report;
}

/**
 * Runs `body` with `experiment` as the active one, across awaits and only there: several may run at the same time.
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * const trial = async (lr: number) => {
 *   const experiment = tracelet.createExperiment("jsonl", { expName: `lr-${lr}`, params: { lr } });
 *   await tracelet.withExperiment(experiment, async () => {
 *     new tracelet.SummaryWriter().addScalar("loss", lr * 2, 0);
 *   });
 *   await experiment.finish();
 * };
 * await Promise.all([0.1, 0.01].map(trial));
 * ```
 */
export function withExperiment<T>(experiment: Experiment, body: () => T): T {
  return scope.run(experiment, body);
}

/**
 * Starts a run, runs `body` with it as the active one, and ends it in any case. A body that throws marks the run failed
 * (exit code 1) and the error goes on to the caller.
 *
 * @example
 * ```ts
 * await tracelet.withLogging("tensorboard", { expName: "short" }, (experiment) => {
 *   experiment.log({ answer: 42 });
 * });
 * ```
 */
export async function withLogging<const B extends BackendChoice | readonly BackendChoice[], T>(
  backend: B | Listed,
  options: StartOptions<B>,
  body: (experiment: Experiment) => T | Promise<T>,
): Promise<T> {
  if (typeof body !== "function") {
    throw new TraceletError(
      "invalid-option",
      "withLogging(backend, options, body): the third argument is the function to run",
    );
  }
  const experiment = createExperiment(backend, options);
  try {
    const result = await withExperiment(experiment, () => body(experiment));
    await experiment.finish();
    return result;
  } catch (error) {
    await experiment.finish({ exitCode: 1, reason: messageOf(error) });
    throw error;
  }
}

function openExperiment(settings: ResolvedSettings): Experiment {
  const experiment = new Experiment(settings, (finished) => {
    open.delete(finished);
    if (active === finished) active = undefined;
    updateHooks();
    if (open.size === 0) for (const watch of watchers) watch(false);
  });
  if (settings.disabled) return experiment;
  open.add(experiment);
  updateHooks();
  if (open.size === 1) for (const watch of watchers) watch(true);
  return experiment;
}

/** With nothing open, exits are the script's own again; signals are while no open experiment wants them. */
function updateHooks(): void {
  const actions = { settle, drain };
  if (open.size > 0) removeExitHooks ??= installExitHooks(actions);
  else {
    removeExitHooks?.();
    removeExitHooks = undefined;
  }
  if ([...open].some(({ signals }) => signals)) removeSignalHooks ??= installSignalHooks(actions);
  else {
    removeSignalHooks?.();
    removeSignalHooks = undefined;
  }
}

/** Ends every open experiment now, as far as that is possible without the event loop. */
function settle(outcome: Outcome): void {
  const deadlines = [...open].map((experiment) => experiment.endNow(outcome));
  shutdown(outcome, Math.max(0, ...deadlines));
}

function splitArguments(
  first: BackendChoice | readonly BackendChoice[] | StartOptionsWithBackend<unknown> | undefined,
  second: StartOptions,
): [BackendChoice | readonly BackendChoice[] | undefined, StartOptions] {
  if (typeof first !== "object" || first === null || Array.isArray(first)) {
    return [first as BackendChoice | readonly BackendChoice[] | undefined, second];
  }
  const object: object = first;
  if ("open" in object || "create" in object) return [first as BackendChoice, second];
  const { backend, ...options } = object as StartOptionsWithBackend<BackendChoice>;
  return [backend, options as StartOptions];
}
