import { AsyncLocalStorage } from "node:async_hooks";
import type { Run } from "../sdk/run.js";
import { checkConfig, mergeConfig, type ParentRun, type WandbConfig } from "./config.js";
import { contextFromEnv, writeContext } from "./environment.js";

/** The runs that are open in one place: in the process as a whole, or in the body of a function that has a run. */
export interface RunScope {
  /** Those that have not ended, the newest last. */
  open: readonly Run[];
  /** The one that the functions of the module go to. */
  current: Run | undefined;
}

interface Context {
  readonly config: WandbConfig;
  readonly runs: RunScope;
}

const contexts = new AsyncLocalStorage<Context>();
const processRuns: RunScope = { open: [], current: undefined };

/** The runs of this place. */
export const runsHere = (): RunScope => contexts.getStore()?.runs ?? processRuns;

/** The run whose function this is called in, if it has not ended. A run of plain `wandb.init` encloses nothing. */
export function enclosingRun(): Run | undefined {
  const { runs } = contexts.getStore() ?? {};
  return runs === undefined || runs === processRuns ? undefined : runs.current;
}

/**
 * What the context says of the runs opened here: the `withWandbConfig` around this call, over what another process has
 * handed over in `TRACELET_CONTEXT`.
 *
 * @example
 * ```ts
 * wandb.withWandbConfig({ project: "digits" }, () => console.log(wandb.getWandbConfig().project)); // digits
 * ```
 */
export function getWandbConfig(): WandbConfig {
  return contexts.getStore()?.config ?? contextFromEnv();
}

/**
 * Runs `fn` in a context: what it says goes for every run opened inside, across awaits, unless the call that opens the run
 * says otherwise. Contexts nest, key by key: what the inner one does not set stays as it is outside.
 *
 * @param config options of `wandb.init`, and `runMode`, `rankScope`, `downloadLogs`, `host`, `task`
 * @returns what `fn` returns
 * @throws TraceletError `invalid-option` for an unknown key or a value that its key does not take
 *
 * @example
 * ```ts
 * import * as wandb from "tracelet/wandb";
 *
 * const train = wandb.wandbInit({ jobType: "training" })(async (lr: number) => {
 *   wandb.log({ loss: 1 / lr });
 * });
 * await wandb.withWandbConfig({ project: "digits", tags: ["nightly"], mode: "offline" }, () => train(0.1));
 * ```
 */
export function withWandbConfig<T>(config: WandbConfig, fn: () => T): T {
  const merged = mergeConfig(getWandbConfig(), checkConfig(config, "withWandbConfig"));
  return contexts.run({ config: merged, runs: runsHere() }, fn);
}

/** Runs `fn` where `runs` are the runs there are. The id that the context gave is theirs, and not for the runs inside. */
export function withRuns<T>(runs: RunScope, fn: () => T): T {
  const { id: _id, ...config } = getWandbConfig();
  return contexts.run({ config, runs }, fn);
}

/**
 * The context as an environment variable, for a process to be started: what `withWandbConfig` says here, and the current
 * run as the parent of those that the process opens. There a function with `runMode` `auto` adds to this run, in shared
 * mode and without ending it. Give this run `mode: "shared"` or `execution: "remote"`, so that the server takes several
 * writers.
 *
 * Secrets are not carried; the process finds its API key as this one did.
 *
 * @throws TraceletError `invalid-value` naming what cannot stand in JSON
 *
 * @example
 * ```ts
 * fork("evaluate.js", { env: { ...process.env, ...wandb.contextToEnv() } });
 * ```
 */
export function contextToEnv(): { TRACELET_CONTEXT: string } {
  // Where this process stands is not where the other one does.
  const { execution: _execution, ...config } = getWandbConfig();
  const { current } = runsHere();
  return writeContext(current === undefined ? config : { ...config, parent: toParent(current) });
}

/** What one that adds to a run must know of it. */
export function toParent({ id, project, entity, mode }: Run): ParentRun {
  return { id, project, mode, ...(entity === "" ? {} : { entity }) };
}
