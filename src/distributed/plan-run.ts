import { TraceletError } from "../errors.js";
import type { DistributedInfo } from "./detect.js";

/**
 * How many runs a job has: `auto` one, written by its first process; `shared` one, written by all; `new` one for each
 * process, in a group.
 */
export type RunMode = "auto" | "new" | "shared";

/** What `auto`, `shared` and `new` count in: the whole job, or each of its workers (nodes) apart. */
export type RankScope = "global" | "worker";

export const RUN_MODES: readonly RunMode[] = ["auto", "new", "shared"];
export const RANK_SCOPES: readonly RankScope[] = ["global", "worker"];

/** A run that is open around this one. */
export interface ParentRun {
  readonly id: string;
  /** Whether it is open in this process, which then logs to the same object, or in another one. */
  readonly process: "this" | "other";
}

/** What `planRun` decides from. */
export interface PlanRequest {
  /** Where the process stands in its job, as `getDistributedInfo` says; undefined when it is on its own. */
  readonly info?: DistributedInfo | undefined;
  /** Default `auto`. */
  readonly runMode?: RunMode | undefined;
  /** Default `global`. On one worker both are the same. */
  readonly rankScope?: RankScope | undefined;
  /** An id that all processes of the job know, such as the launcher's job id. */
  readonly baseId?: string | undefined;
  /** An id that only this process knows, used where nobody has to agree on one. */
  readonly freshId: string;
  /** Whether processes that are no ranks of the job may join the run, by its handle. Default false. */
  readonly shareable?: boolean | undefined;
  /** The run around this one. One of another process is not looked at by ranks of a distributed job: they have their own. */
  readonly parent?: ParentRun | undefined;
  /** What the user gave. */
  readonly explicit?: {
    readonly id?: string | undefined;
    readonly group?: string | undefined;
    /** Label of a process on its own that writes to a shared run; a rank's label is its rank. */
    readonly label?: string | undefined;
  };
}

/** Whether a process logs, and as what. */
export interface RunPlan {
  /** False for a rank that is left out: it has the same API, and every call does nothing. */
  readonly logs: boolean;
  readonly runId: string;
  /** Heading of runs that belong together. */
  readonly group?: string;
  /** Tells the writers of one run apart. */
  readonly label?: string;
  /** Whether this process speaks for the run: its environment, its code, its end. One process of each run is. */
  readonly primary: boolean;
  /** Whether other processes write to the same run. */
  readonly shared: boolean;
  /** Whether the end of this process is the end of the run. */
  readonly finishes: boolean;
  /** Whether no other process of the job logs. */
  readonly alone: boolean;
  /** Of a shared run: the id that this writer's part has at backends whose runs have one writer. */
  readonly ownId?: string;
}

/**
 * Decides which processes of a job log, and under which run id, group and label. Pure: the same request gives the same plan,
 * and the ranks of a job come to one that fits without talking to each other.
 *
 * With w the worker, g the rank and l the rank on the worker:
 *
 * | workers | mode   | scope  | who logs        | run id              | group      | label            |
 * | ------- | ------ | ------ | --------------- | ------------------- | ---------- | ---------------- |
 * | 1       | auto   | any    | g = 0           | id                  |            |                  |
 * | 1       | shared | any    | all             | id                  |            | rank-g           |
 * | 1       | new    | any    | all             | id-rank-g           | id         |                  |
 * | more    | auto   | global | g = 0           | id                  |            |                  |
 * | more    | auto   | worker | l = 0 of each w | id-worker-w         |            |                  |
 * | more    | shared | global | all             | id                  |            | worker-w-rank-l  |
 * | more    | shared | worker | all             | id-worker-w         |            | worker-w-rank-l  |
 * | more    | new    | global | all             | id-rank-g           | id         |                  |
 * | more    | new    | worker | all             | id-worker-w-rank-l  | id-worker-w |                 |
 *
 * The first of those that log is the primary of a shared run; every other run has one process. An id that was given takes the
 * place of `id`, suffixes included, so that no two ranks collide; a group that was given takes the group's place.
 *
 * A run that is `shareable` and has one writer is shared with its one rank or process as the primary, labelled `primary`.
 *
 * A process on its own has a run of its own. Inside a parent's run `auto` and `shared` log to the parent's, unless the id of
 * another run is given; so do ranks inside a run that is open in their process.
 *
 * @throws TraceletError `invalid-option` when ranks have no id to agree on, when worker scope is asked for and the launcher
 *   does not number its workers and their processes, or when there is no run to share
 *
 * @example
 * ```ts
 * import { getDistributedInfo, planRun } from "tracelet";
 *
 * const info = getDistributedInfo({ RANK: "2", WORLD_SIZE: "4", LOCAL_RANK: "2", LOCAL_WORLD_SIZE: "4" });
 * console.log(planRun({ info, runMode: "new", baseId: "job7", freshId: "x1y2z3a4" }).runId); // job7-rank-2
 * ```
 */
export function planRun(request: PlanRequest): RunPlan {
  const { info, runMode = "auto", rankScope = "global" } = request;
  checkOneOf("runMode", runMode, RUN_MODES);
  checkOneOf("rankScope", rankScope, RANK_SCOPES);
  const parent = parentOf(request);
  const plan =
    parent !== undefined
      ? planInside(request, parent)
      : info === undefined
        ? planAlone(request, runMode)
        : planRank(request, info, runMode, rankScope);
  if (!request.shareable || !plan.logs || plan.shared || parent !== undefined) return plan;
  // Nobody has to agree on the id: those who join are told it.
  return { ...plan, label: request.explicit?.label ?? PRIMARY_LABEL, shared: true, alone: false };
}

/** Label of the process that others join. */
const PRIMARY_LABEL = "primary";

/** The run around this one, if it is the one to log to. */
export function parentOf({
  info,
  runMode = "auto",
  parent,
  explicit: { id } = {},
}: Omit<PlanRequest, "freshId">): ParentRun | undefined {
  if (parent === undefined || runMode === "new" || (id !== undefined && id !== parent.id)) return undefined;
  return info === undefined || parent.process === "this" ? parent : undefined;
}

/** Whoever opened the parent's run ends it. */
function planInside({ freshId, explicit = {} }: PlanRequest, parent: ParentRun): RunPlan {
  const { group, label } = explicit;
  const attached = {
    logs: true,
    runId: parent.id,
    ...(group !== undefined && { group }),
    primary: false,
    finishes: false,
    alone: false,
  };
  if (parent.process === "this") return { ...attached, shared: false };
  const ownId = `${parent.id}-${freshId}`;
  return { ...attached, ...(label !== undefined && { label }), shared: true, ownId };
}

function planRank(
  { baseId, freshId, explicit = {} }: PlanRequest,
  { rank, localRank, workerIndex, numWorkers, launcher }: DistributedInfo,
  runMode: RunMode,
  rankScope: RankScope,
): RunPlan {
  const perWorker = rankScope === "worker" && numWorkers > 1;
  if (perWorker && workerIndex === undefined) {
    throw refused(
      `rankScope "worker" needs to know which worker this is, and ${launcher} does not say. Set NODE_RANK to the number of the node on each node, or use rankScope "global".`,
    );
  }
  if (perWorker && localRank === undefined) {
    throw refused(
      `rankScope "worker" needs the rank on the worker, and ${launcher} does not say. Set LOCAL_RANK on each process, or use rankScope "global".`,
    );
  }
  const agreed = explicit.id ?? baseId;
  if (agreed === undefined && (runMode !== "auto" || perWorker)) {
    throw refused(
      `runMode "${runMode}" needs an id that all ranks agree on, and ${launcher === "env" ? "the environment" : launcher} gives the job none. Pass the same id to every rank, or set TRACELET_RUN_ID.`,
    );
  }
  const base = agreed ?? freshId;
  const run = perWorker ? `${base}-worker-${workerIndex}` : base;
  const first = (perWorker ? localRank : rank) === 0;
  const ownId = `${run}-rank-${perWorker ? localRank : rank}`;
  const { group } = explicit;
  if (runMode === "auto") {
    return {
      logs: first,
      runId: run,
      ...(group !== undefined && { group }),
      primary: first,
      shared: false,
      finishes: first,
      alone: !perWorker,
    };
  }
  if (runMode === "new") {
    const rest = { primary: true, shared: false, finishes: true, alone: false };
    return { logs: true, runId: ownId, group: group ?? run, ...rest };
  }
  const several = numWorkers > 1 && workerIndex !== undefined && localRank !== undefined;
  return {
    logs: true,
    runId: run,
    ...(group !== undefined && { group }),
    label: several ? `worker-${workerIndex}-rank-${localRank}` : `rank-${rank}`,
    primary: first,
    shared: true,
    finishes: first,
    alone: false,
    ownId,
  };
}

function planAlone({ baseId, freshId, shareable, explicit = {} }: PlanRequest, runMode: RunMode): RunPlan {
  const { id, group, label } = explicit;
  const given = { ...(group !== undefined && { group }) };
  const own = { logs: true, ...given, primary: true, finishes: true };
  if (runMode !== "shared") {
    // The id that a backend's own variable gives is the run's only when others have to know it.
    const joined = shareable ? baseId : undefined;
    return { ...own, runId: id ?? joined ?? freshId, shared: false, alone: true };
  }
  const runId = id ?? baseId;
  if (runId === undefined) {
    throw refused(
      'runMode "shared" has no run to share: this process is on its own and no run is open around it. Pass the run\'s id, set TRACELET_RUN_ID, call it inside a run, or use "auto", which opens one where there is none.',
    );
  }
  const ownId = `${runId}-${freshId}`;
  return { ...own, runId, ...(label !== undefined && { label }), shared: true, alone: false, ownId };
}

function checkOneOf(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw refused(`${name} is one of ${known.map((each) => `"${each}"`).join(", ")}, not "${value}".`);
}

function refused(problem: string): TraceletError {
  return new TraceletError("invalid-option", problem);
}
