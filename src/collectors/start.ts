import type { RunDescription } from "../backend/contract.js";
import type { CollectPlan } from "../channel/protocol.js";
import type { Event, JsonObject } from "../events/event.js";
import { collectEnvironment } from "./environment.js";
import { collectGit, type GitState } from "./git.js";
import { createGpuSource, type GpuSource } from "./gpu.js";
import { createSystemSampler } from "./system.js";

/** What gathers facts about a run beside what the script logs. */
export interface Collectors {
  /** Ends the sampling; resolves when what was being gathered has been emitted, within two seconds. */
  stop(): Promise<void>;
}

const GIT_TIMEOUT_MS = 2_000;
/** Runs that start within this time of each other share what git said. */
const GIT_VALID_MS = 10_000;
/** A run shorter than this has no sample of the machine: it would only show the start of the process. */
const FIRST_SAMPLE_MS = 1_000;

/** Starts what the plan asks for, on the worker; what is found is emitted as events of the run. */
export function startCollectors(
  plan: CollectPlan,
  run: RunDescription,
  emit: (event: Event) => void,
): Collectors {
  const facts = describeSurroundings(plan, run).then((environment) => {
    if (environment !== undefined) emit({ kind: "environment", environment, wallTime: Date.now() / 1000 });
  });
  const stopSampling =
    plan.systemIntervalMs === undefined ? undefined : startSampling(plan.systemIntervalMs, run, emit);
  return {
    async stop() {
      stopSampling?.();
      await facts;
    },
  };
}

async function describeSurroundings(
  { git, environment }: CollectPlan,
  run: RunDescription,
): Promise<JsonObject | undefined> {
  const [state, machine] = await Promise.all([
    git === undefined ? undefined : gitState(run.dir),
    environment === undefined ? undefined : collectEnvironment({ cwd: run.dir, ...environment }),
  ]);
  if (state === undefined && machine === undefined) return undefined;
  return { ...machine, ...(state === undefined ? {} : { git: { ...state } }) };
}

const gitStates = new Map<string, { readonly at: number; readonly state: Promise<GitState | undefined> }>();

function gitState(cwd: string): Promise<GitState | undefined> {
  const known = gitStates.get(cwd);
  if (known !== undefined && performance.now() - known.at < GIT_VALID_MS) return known.state;
  // A search over thousands of folders keeps no answer that no run can use.
  for (const [folder, { at }] of gitStates)
    if (performance.now() - at >= GIT_VALID_MS) gitStates.delete(folder);
  const state = collectGit(cwd, { timeoutMs: GIT_TIMEOUT_MS });
  gitStates.set(cwd, { at: performance.now(), state });
  return state;
}

/** One reader of the GPUs for all runs of the process. */
let gpu: GpuSource | undefined;
let gpuUsers = 0;

function startSampling(intervalMs: number, run: RunDescription, emit: (event: Event) => void): () => void {
  gpu ??= createGpuSource({ intervalMs });
  gpuUsers++;
  const started = performance.now();
  const sampler = createSystemSampler({ diskPath: run.dir, gpu });
  const sample = () => emit({ kind: "system", values: sampler.sample(), wallTime: Date.now() / 1000 });
  const timer = setInterval(sample, intervalMs);
  return () => {
    clearInterval(timer);
    if (performance.now() - started >= FIRST_SAMPLE_MS) sample();
    if (--gpuUsers > 0) return;
    gpu?.stop();
    gpu = undefined;
  };
}
