import { AsyncLocalStorage } from "node:async_hooks";
import type { BackendName } from "./backend/registry.js";
import { drain, shutdown } from "./channel/channel.js";
import { installExitHooks } from "./channel/exit.js";
import type { Reports } from "./channel/protocol.js";
import type { RunPlan } from "./distributed/plan-run.js";
import type { Outcome } from "./events/event.js";
import { Experiment, type FinishOptions } from "./experiment.js";
import { resolveSettings } from "./settings/resolve.js";
import type { BackendChoice, StartOptions } from "./settings/start-options.js";

const scope = new AsyncLocalStorage<Experiment>();
/** The experiment of scripts that have one at a time. */
let active: Experiment | undefined;
/** Every experiment that has not finished, so that the end of the process can finish it. */
const open = new Set<Experiment>();
let removeExitHooks: (() => void) | undefined;

const watchers = new Set<(someOpen: boolean) => void>();

/** Calls `watch` now and whenever the first experiment opens or the last one has ended. @internal */
export function watchExperiments(watch: (someOpen: boolean) => void): void {
  watchers.add(watch);
  watch(open.size > 0);
}

/** The form of `startLogging` that takes everything in one object. */
export type StartOptionsWithBackend<B> = StartOptions<B> & { readonly backend?: B };

/**
 * Starts a run and makes it the active one; a run that was active before is finished first (in the background).
 *
 * Returns at once: nothing is awaited, no server is asked. `await experiment.ready` when the backends' answer matters.
 * Without a backend it uses `TRACELET_BACKEND`, else `tensorboard`: event files under `./runs`, no server, no account.
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
  backend: B,
  options?: StartOptions<B>,
): Experiment;
export function startLogging<const B extends BackendChoice | readonly BackendChoice[]>(
  options: StartOptionsWithBackend<B>,
): Experiment;
export function startLogging(
  first?: BackendChoice | readonly BackendChoice[] | StartOptionsWithBackend<unknown>,
  second: StartOptions = {},
): Experiment {
  const [backend, options] = splitArguments(first, second);
  const settings = resolveSettings(backend, options, process.env);
  const previous = getActiveExperiment();
  const experiment = openExperiment(settings);
  // Only the experiment that this one replaces: a scoped one is ended by its scope.
  // With `strict` its trouble would be thrown here, where nobody waits for it; it has been printed.
  if (previous !== undefined && previous === active) previous.finish().catch(() => {});
  active = experiment;
  return experiment;
}

/** Starts a run without making it the active one: for several at once in one process. */
export function createExperiment<const B extends BackendChoice | readonly BackendChoice[]>(
  backend: B,
  options: StartOptions<B> = {},
): Experiment {
  return openExperiment(resolveSettings(backend, options as StartOptions, process.env));
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
 */
export async function withLogging<const B extends BackendChoice | readonly BackendChoice[], T>(
  backend: B,
  options: StartOptions<B>,
  body: (experiment: Experiment) => T | Promise<T>,
): Promise<T> {
  const experiment = createExperiment(backend, options);
  try {
    const result = await withExperiment(experiment, () => body(experiment));
    await experiment.finish();
    return result;
  } catch (error) {
    await experiment.finish({ exitCode: 1, reason: error instanceof Error ? error.message : String(error) });
    throw error;
  }
}

function openExperiment(settings: ReturnType<typeof resolveSettings>): Experiment {
  const experiment = new Experiment(settings, (finished) => {
    open.delete(finished);
    if (active === finished) active = undefined;
    if (open.size > 0) return;
    // With nothing open, signals and exits are the script's own again.
    removeExitHooks?.();
    removeExitHooks = undefined;
    for (const watch of watchers) watch(false);
  });
  if (settings.disabled) return experiment;
  open.add(experiment);
  if (open.size === 1) for (const watch of watchers) watch(true);
  removeExitHooks ??= installExitHooks({ settle, drain }, settings.signals);
  return experiment;
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
  if (first === undefined || typeof first === "string" || Array.isArray(first)) {
    return [first as BackendChoice | readonly BackendChoice[] | undefined, second];
  }
  const object = first as object;
  if ("open" in object || "create" in object) return [first as BackendChoice, second];
  const { backend, ...options } = object as StartOptionsWithBackend<BackendChoice>;
  return [backend, options as StartOptions];
}
