import { TraceletError } from "../../../src/errors.js";
import type { Graphql, QueryOptions } from "../server/graphql.js";
import { parseMoment } from "../settings/run-settings.js";
import { encodeJson, type LoggedValue } from "../values/json.js";
import { type LineCounts, NO_LINES } from "./cursor.js";
import { type ExistingRun, findRun, type RunPath, rewindRun } from "./existing-run.js";

/** Where a run goes on: what it takes over from the run that it continues, rewinds or forks. */
export interface Branch {
  readonly storageId: string | undefined;
  /** Lines at the server that stay: the run's own begin behind them. */
  readonly lines: LineCounts;
  /** The step of the first row. */
  readonly startingStep: number;
  /** Seconds that the run has lasted before. */
  readonly runtime: number;
  /** The configuration at the server, `{key: {value}}` as a JSON text. */
  readonly config: string | undefined;
  /** The summary at the server as a JSON text. */
  readonly summary: string | undefined;
  readonly tags: readonly string[];
  readonly notes: string | undefined;
  /** Whether the run was there before. */
  readonly resumed: boolean;
}

/** How a run begins, as `init` was asked to begin it. */
export interface BranchWish {
  readonly resume: "allow" | "must" | "never" | "auto" | undefined;
  /** `<run id>?_step=<number>` of this run. */
  readonly resumeFrom: string | undefined;
  /** The same of another run. */
  readonly forkFrom: string | undefined;
}

/**
 * Asks the server where a run begins.
 *
 * @returns undefined for one that begins anew
 * @throws TraceletError `invalid-option` when `resume: "must"` finds no run, or `"never"` one
 * @throws RequestError when the server cannot be asked
 */
export async function findBranch(
  graphql: Graphql,
  path: RunPath,
  wish: BranchWish,
  options: QueryOptions = {},
): Promise<Branch | undefined> {
  if (wish.forkFrom !== undefined) return anew(parseMoment(wish.forkFrom).step + 1);
  if (wish.resumeFrom !== undefined) {
    const { step } = parseMoment(wish.resumeFrom);
    const { storageId, config, historyLines } = await rewindRun(graphql, path, step, options);
    const lines = { ...NO_LINES, history: historyLines };
    return { ...anew(step + 1), storageId, lines, config: encodeJson(config), resumed: true };
  }
  if (wish.resume === undefined) return undefined;
  const found = await findRun(graphql, path, options);
  if (found === undefined && wish.resume === "must") {
    refuse(`resume "must": there is no run ${path.runId}; use "allow" to start it when it is not there`);
  }
  if (found !== undefined && wish.resume === "never") {
    refuse(`resume "never": there is a run ${path.runId} already; give another id, or use "allow"`);
  }
  return found === undefined ? undefined : branchOf(found);
}

/** What a run that goes on takes over. */
export function branchOf(run: ExistingRun): Branch {
  const { storageId, lines, startingStep, runtime, config, summary, tags, notes } = run;
  return {
    storageId,
    lines,
    startingStep,
    runtime,
    config: encodeJson(config),
    summary: encodeJson(summary),
    tags,
    notes,
    resumed: true,
  };
}

function anew(startingStep: number): Branch {
  return {
    storageId: undefined,
    lines: NO_LINES,
    startingStep,
    runtime: 0,
    config: undefined,
    summary: undefined,
    tags: [],
    notes: undefined,
    resumed: false,
  };
}

/** What the configuration says of a branch (`_wandb.branch_point`), from which the server knows a fork. */
export function branchPoint(wish: BranchWish): LoggedValue | undefined {
  const from = wish.forkFrom ?? wish.resumeFrom;
  if (from === undefined) return undefined;
  const { runId, step } = parseMoment(from);
  return { run_id: runId, step };
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}
