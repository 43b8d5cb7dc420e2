import { TraceletError } from "../errors.js";

/** What started the processes of a distributed job; `env` is whoever set `RANK` and `WORLD_SIZE`. */
export type Launcher = "torchrun" | "env" | "openmpi" | "mpich" | "slurm" | "pmi" | "kubernetes";

/** Where a process stands in its distributed job. Ranks and indices count from 0. */
export interface DistributedInfo {
  /** Rank among all processes of the job. */
  readonly rank: number;
  /** Rank among the processes of this worker (node, pod, agent); undefined when there are several and the launcher does not say. */
  readonly localRank: number | undefined;
  /** Processes of the job, at least 2. */
  readonly worldSize: number;
  /** Processes of this worker. */
  readonly localWorldSize: number;
  /** Which worker this is; undefined when there are several and the launcher does not say. */
  readonly workerIndex: number | undefined;
  readonly numWorkers: number;
  readonly launcher: Launcher;
}

/** The variables of one launcher; of several names for one thing, the first that is set counts. */
interface LauncherVariables {
  readonly launcher: Launcher;
  /** Set in every process that it starts, besides rank and size. */
  readonly marks?: readonly string[];
  readonly rank: string;
  readonly worldSize: string;
  readonly localRank?: string;
  readonly localWorldSize?: string | { readonly always: number };
  readonly workerIndex: readonly string[];
  readonly numWorkers?: string;
}

/**
 * The innermost launcher first: `srun torchrun` and `mpirun` inside a SLURM job keep the outer one's variables. What counts
 * is the first row whose rank and size are both set.
 *
 * - torchrun: its page "Environment Variables", and what its agent sets (`GROUP_*` are its nodes).
 * - env: what `torch.distributed` reads; Ray Train, Accelerate, DeepSpeed, Kubeflow's PyTorchJob and scripts that fork by
 *   themselves set it. Ray names the node `NODE_RANK`.
 * - openmpi: its page "Environment variables set for MPI applications". `OMPI_COMM_WORLD_NODE_RANK` is a rank on the node,
 *   not the node's; the node's number is nowhere, and with `--map-by node` it does not follow from the rank. (Inside a SLURM
 *   job, `SLURM_NODEID` is that of mpirun's daemons, which do not count the node of mpirun itself.)
 * - mpich: Hydra's (Intel MPI's too); a `PMI_RANK` without them comes from another process manager.
 * - slurm: those of a job step, which only `srun` sets. A batch script has `SLURM_NTASKS` too, and is one process.
 * - kubernetes: an indexed Job tells its pods their index and nothing of their number, so `WORLD_SIZE` must be set in its
 *   manifest: pods that do not say so are jobs of their own.
 */
const LAUNCHERS: readonly LauncherVariables[] = [
  {
    launcher: "torchrun",
    marks: ["TORCHELASTIC_RUN_ID"],
    rank: "RANK",
    worldSize: "WORLD_SIZE",
    localRank: "LOCAL_RANK",
    localWorldSize: "LOCAL_WORLD_SIZE",
    workerIndex: ["GROUP_RANK"],
    numWorkers: "GROUP_WORLD_SIZE",
  },
  {
    launcher: "env",
    rank: "RANK",
    worldSize: "WORLD_SIZE",
    localRank: "LOCAL_RANK",
    localWorldSize: "LOCAL_WORLD_SIZE",
    workerIndex: ["GROUP_RANK", "NODE_RANK"],
  },
  {
    launcher: "openmpi",
    rank: "OMPI_COMM_WORLD_RANK",
    worldSize: "OMPI_COMM_WORLD_SIZE",
    localRank: "OMPI_COMM_WORLD_LOCAL_RANK",
    localWorldSize: "OMPI_COMM_WORLD_LOCAL_SIZE",
    workerIndex: ["NODE_RANK"],
  },
  {
    launcher: "mpich",
    marks: ["MPI_LOCALRANKID"],
    rank: "PMI_RANK",
    worldSize: "PMI_SIZE",
    localRank: "MPI_LOCALRANKID",
    localWorldSize: "MPI_LOCALNRANKS",
    workerIndex: ["NODE_RANK"],
  },
  {
    launcher: "slurm",
    rank: "SLURM_PROCID",
    worldSize: "SLURM_STEP_NUM_TASKS",
    localRank: "SLURM_LOCALID",
    workerIndex: ["SLURM_NODEID"],
    numWorkers: "SLURM_STEP_NUM_NODES",
  },
  { launcher: "pmi", rank: "PMI_RANK", worldSize: "PMI_SIZE", workerIndex: [] },
  {
    launcher: "kubernetes",
    rank: "JOB_COMPLETION_INDEX",
    worldSize: "WORLD_SIZE",
    localWorldSize: { always: 1 },
    workerIndex: ["JOB_COMPLETION_INDEX"],
  },
];

/**
 * Where this process stands in a distributed job, from the variables of torchrun, Ray, SLURM, Open MPI, MPICH, Kubernetes
 * and whoever sets `RANK` and `WORLD_SIZE`. Nothing is asked of anybody, and `env` is not changed.
 *
 * `LOCAL_RANK` is 0 (on several workers unknown) and `LOCAL_WORLD_SIZE` the size of the world when they are missing: the job is then on one worker. Node's
 * `cluster` and `worker_threads` tell their workers neither rank nor size, so the script that starts them does, in `env`.
 *
 * @param env variables to read; default `process.env`
 * @returns undefined when the job has one process
 * @throws TraceletError `invalid-value` naming the variable that is no whole number or outside its range
 *
 * @example
 * ```ts
 * import { getDistributedInfo } from "tracelet";
 *
 * const info = getDistributedInfo({ RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2", GROUP_RANK: "1" });
 * console.log(info?.workerIndex, info?.numWorkers); // 1 2
 * ```
 */
export function getDistributedInfo(env: NodeJS.ProcessEnv = process.env): DistributedInfo | undefined {
  const found = LAUNCHERS.find(({ marks = [], rank, worldSize }) =>
    [...marks, rank, worldSize].every((name) => isSet(env, name)),
  );
  if (found === undefined) return undefined;
  const worldSize = wholeNumber(env, found.worldSize)!;
  if (worldSize <= 1) return undefined;
  const rank = wholeNumber(env, found.rank)!;
  if (rank >= worldSize) {
    throw refused(`${found.rank}=${rank} is no rank of a job with ${found.worldSize}=${worldSize}`);
  }
  const index = wholeNumber(
    env,
    found.workerIndex.find((name) => isSet(env, name)),
  );
  const { localWorldSize, numWorkers } = workersOf(found, env, worldSize, index);
  const localRank = wholeNumber(env, found.localRank);
  return {
    rank,
    // On several workers a 0 for all of a worker's processes would make each of them the first.
    localRank: localRank ?? (numWorkers === 1 || localWorldSize === 1 ? 0 : undefined),
    worldSize,
    localWorldSize,
    // Guessing it from the rank would make two workers one where ranks are dealt out in turn.
    workerIndex: numWorkers === 1 ? 0 : index,
    numWorkers,
    launcher: found.launcher,
  };
}

/** How many workers there are, and how many processes this one has. */
function workersOf(
  { localWorldSize: local, numWorkers: counted }: LauncherVariables,
  env: NodeJS.ProcessEnv,
  worldSize: number,
  index = 0,
): { localWorldSize: number; numWorkers: number } {
  const workers = wholeNumber(env, counted);
  const own = typeof local === "object" ? local.always : wholeNumber(env, local);
  if (workers !== undefined && workers > 0) {
    return {
      localWorldSize: own ?? stepTasks(env, index) ?? Math.ceil(worldSize / workers),
      numWorkers: workers,
    };
  }
  // An index alone would tell one worker that there are several, and the first one that there are none.
  if (own === undefined) return { localWorldSize: worldSize, numWorkers: 1 };
  // Of uneven workers a large one may come out as fewer than its own index says there are.
  const whole = own === 0 ? 1 : Math.floor(worldSize / own);
  return { localWorldSize: own, numWorkers: Math.max(1, whole, index + 1) };
}

/** Tasks of one node, from SLURM's list by node such as `2(x3),1`. */
function stepTasks(env: NodeJS.ProcessEnv, node: number): number | undefined {
  let first = 0;
  for (const part of (env["SLURM_STEP_TASKS_PER_NODE"] ?? "").split(",")) {
    const [, tasks, nodes = "1"] = /^(\d+)(?:\(x(\d+)\))?$/.exec(part.trim()) ?? [];
    if (tasks === undefined) return undefined;
    first += Number(nodes);
    if (node < first) return Number(tasks);
  }
  return undefined;
}

const isSet = (env: NodeJS.ProcessEnv, name: string): boolean => (env[name] ?? "").trim() !== "";

function wholeNumber(env: NodeJS.ProcessEnv, name: string | undefined): number | undefined {
  if (name === undefined || !isSet(env, name)) return undefined;
  const text = env[name]!.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw refused(`${name}="${text}" is no whole number from 0`);
}

function refused(problem: string): TraceletError {
  return new TraceletError(
    "invalid-value",
    `distributed job: ${problem}. The launcher sets it for each process; unset it if this process is on its own.`,
  );
}
