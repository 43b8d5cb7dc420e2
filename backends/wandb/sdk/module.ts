import { TraceletError } from "../../../src/errors.js";
import type { ApiArtifact } from "../api/artifact.js";
import type { AlertOptions } from "../around/alert.js";
import type { SaveOptions } from "../around/save-files.js";
import type { LayersModelLike, WatchableModel, WatchOptions } from "../around/watch.js";
import type { Artifact } from "../artifacts/artifact.js";
import type { LinkedArtifact } from "../artifacts/link.js";
import type { MetricOptions } from "../history/metrics.js";
import type { Config } from "./config-view.js";
import { currentRun, loggedRun } from "./init.js";
import type { LogArtifactOptions, LoggedArtifact } from "./logged-artifact.js";
import type { FinishRunOptions, LogOptions, Run, UseArtifactOptions } from "./run.js";
import { inspectable, type Summary } from "./summary-view.js";

/* The functions of Python's module `wandb`: each does what the method of the current run does. */

function needRun(what: string): Run {
  const run = currentRun();
  if (run !== undefined) return run;
  throw new TraceletError("invalid-value", `Call "await wandb.init()" before wandb.${what}.`, {
    backend: "wandb",
  });
}

/**
 * The run that the functions of the module go to (Python: `wandb.run`): inside `withRun` and `wandbInit` theirs, elsewhere the
 * one that `init` started last and that has not ended. Undefined on the ranks of a distributed job that do not log; the
 * other functions do nothing there.
 *
 * @example
 * ```ts
 * wandb.getRun()?.log({ loss: 0.5 });
 * ```
 */
export function getRun(): Run | undefined {
  return loggedRun();
}

/**
 * Folder of the files of the run that `getRun()` gives; undefined when there is none, or when it keeps nothing. Right after
 * the run was opened without waiting (in a sync function) it blocks until the folder is there, some milliseconds.
 *
 * @example
 * ```ts
 * const folder = wandb.getRunDir();
 * ```
 */
export function getRunDir(): string | undefined {
  const run = currentRun();
  if (run === undefined || run.disabled) return undefined;
  if (run.experiment.url("wandb") === undefined) run.experiment.flushSync();
  return run.dir;
}

/**
 * Logs a row to the current run (Python: `wandb.log`); returns at once.
 *
 * @throws TraceletError `invalid-value` before `init`, and for what `Run.log` refuses
 *
 * @example
 * ```ts
 * wandb.log({ loss: 0.5 }, { step: 3 });
 * ```
 */
export function log(data: { readonly [key: string]: unknown }, options?: LogOptions): void {
  needRun("log()").log(data, options);
}

/**
 * Ends the current run (Python: `wandb.finish`), and resolves when everything has arrived, or its deadline is there. Does nothing
 * when there is no run.
 *
 * @example
 * ```ts
 * await wandb.finish({ exitCode: 1 });
 * ```
 */
export async function finish(options?: FinishRunOptions): Promise<void> {
  await currentRun()?.finish(options);
}

/**
 * Defines a metric of the current run (Python: `wandb.define_metric`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * wandb.defineMetric("val/*", { stepMetric: "epoch", summary: "max" });
 * ```
 */
export function defineMetric(name: string, options?: MetricOptions): void {
  needRun("defineMetric()").defineMetric(name, options);
}

/**
 * Logs an artifact to the current run (Python: `wandb.log_artifact`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * await wandb.logArtifact("model.bin", { name: "digits", type: "model" }).wait();
 * ```
 */
export function logArtifact(artifactOrPath: Artifact | string, options?: LogArtifactOptions): LoggedArtifact {
  return needRun("logArtifact()").logArtifact(artifactOrPath, options);
}

/**
 * Makes an artifact an input of the current run (Python: `wandb.use_artifact`).
 *
 * @throws TraceletError `invalid-value` before `init`, and what `Run.useArtifact` throws
 *
 * @example
 * ```ts
 * const folder = await (await wandb.useArtifact("digits:latest")).download();
 * ```
 */
export function useArtifact(artifact: Artifact): Artifact;
export function useArtifact(
  version: string | ApiArtifact,
  options?: UseArtifactOptions,
): Promise<ApiArtifact>;
export function useArtifact(
  artifact: Artifact | string | ApiArtifact,
  options?: UseArtifactOptions,
): Artifact | Promise<ApiArtifact> {
  const run = needRun("useArtifact()");
  return "finalPlan" in Object(artifact)
    ? run.useArtifact(artifact as Artifact)
    : run.useArtifact(artifact as string | ApiArtifact, options);
}

/**
 * Puts a version into a collection of a registry or of another project (Python: `wandb.link_artifact`).
 *
 * @throws TraceletError `invalid-value` before `init`, and what `Run.linkArtifact` throws
 *
 * @example
 * ```ts
 * const logged = wandb.logArtifact("model.bin");
 * await wandb.linkArtifact(logged, "wandb-registry-model/digits", { aliases: ["staging"] });
 * ```
 */
export function linkArtifact(...call: Parameters<Run["linkArtifact"]>): Promise<LinkedArtifact> {
  return needRun("linkArtifact()").linkArtifact(...call);
}

/**
 * Sends an alert for the current run (Python: `wandb.alert`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * wandb.alert({ title: "Loss is NaN", text: "at step 3", level: "ERROR" });
 * ```
 */
export function alert(options: AlertOptions): void {
  needRun("alert()").alert(options);
}

/**
 * Saves files with the current run (Python: `wandb.save`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * wandb.save("checkpoints/*.bin", { policy: "now" });
 * ```
 */
export function save(pattern: string, options?: SaveOptions): string[] {
  return needRun("save()").save(pattern, options);
}

/**
 * Watches a model in the current run (Python: `wandb.watch`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * wandb.watch({ parameters: () => [["dense", new Float32Array(10)]] }, { log: "parameters" });
 * ```
 */
export function watch(model: WatchableModel | LayersModelLike, options?: WatchOptions): void {
  needRun("watch()").watch(model, options);
}

/**
 * Stops watching a model, or all of them (Python: `wandb.unwatch`).
 *
 * @throws TraceletError `invalid-value` before `init`
 *
 * @example
 * ```ts
 * wandb.unwatch();
 * ```
 */
export function unwatch(model?: WatchableModel | LayersModelLike): void {
  needRun("unwatch()").unwatch(model);
}

/** The configuration of the current run (Python: `wandb.config`). */
export const config: Config = viewOf("config");

/** The summary of the current run (Python: `wandb.summary`). */
export const summary: Summary = viewOf("summary");

/** Passes everything on to the current run's part of this name, whichever run that is by then. */
function viewOf<Part extends "config" | "summary">(part: Part): Run[Part] {
  return new Proxy(inspectable(() => needRun(part)[part].toObject()) as Run[Part], {
    get: (_, key) => Reflect.get(needRun(part)[part], key) as unknown,
    set: (_, key, value) => Reflect.set(needRun(part)[part], key, value),
    deleteProperty: (_, key) => Reflect.deleteProperty(needRun(part)[part], key),
    has: (_, key) => Reflect.has(needRun(part)[part], key),
    ownKeys: () => Reflect.ownKeys(needRun(part)[part]),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(needRun(part)[part], key),
  });
}
