import { describe, expect, test } from "vitest";
import { type DistributedInfo, getDistributedInfo } from "#src/distributed/detect.js";

const info = (
  launcher: DistributedInfo["launcher"],
  [rank, worldSize]: readonly [number, number],
  [localRank, localWorldSize]: readonly [number | undefined, number],
  [workerIndex, numWorkers]: readonly [number | undefined, number],
): DistributedInfo => ({ rank, localRank, worldSize, localWorldSize, workerIndex, numWorkers, launcher });

// As printed by the launchers themselves: torch 2.13, Open MPI 4.1.4, MPICH 4.0.2, SLURM 22.05. Those of Ray and Kubernetes are
// from their documentation.
const torchrun = {
  TORCHELASTIC_RUN_ID: "none",
  RANK: "3",
  WORLD_SIZE: "4",
  LOCAL_RANK: "1",
  LOCAL_WORLD_SIZE: "2",
  GROUP_RANK: "1",
  GROUP_WORLD_SIZE: "2",
  ROLE_RANK: "3",
  ROLE_WORLD_SIZE: "4",
};
const openmpi = {
  OMPI_COMM_WORLD_RANK: "1",
  OMPI_COMM_WORLD_SIZE: "2",
  OMPI_COMM_WORLD_LOCAL_RANK: "1",
  OMPI_COMM_WORLD_LOCAL_SIZE: "2",
  OMPI_COMM_WORLD_NODE_RANK: "1",
  PMIX_RANK: "1",
  PMIX_NAMESPACE: "474087425",
};
const hydra = { PMI_RANK: "4", PMI_SIZE: "5", MPI_LOCALRANKID: "1", MPI_LOCALNRANKS: "2" };
const step = {
  SLURM_JOB_ID: "12345",
  SLURM_STEP_ID: "0",
  SLURM_PROCID: "4",
  SLURM_NTASKS: "7",
  SLURM_STEP_NUM_TASKS: "7",
  SLURM_LOCALID: "1",
  SLURM_NODEID: "1",
  SLURM_STEP_NUM_NODES: "3",
  SLURM_STEP_TASKS_PER_NODE: "3(x2),1",
};

test.for<[string, NodeJS.ProcessEnv, DistributedInfo | undefined]>([
  ["nothing", {}, undefined],

  // Reference 1.2.
  ["RANK alone", { RANK: "0" }, undefined],
  ["WORLD_SIZE alone", { WORLD_SIZE: "4" }, undefined],
  ["a world of 1", { RANK: "0", WORLD_SIZE: "1" }, undefined],
  ["a world of 0", { RANK: "0", WORLD_SIZE: "0" }, undefined],
  ["only rank and size: one worker", { RANK: "2", WORLD_SIZE: "4" }, info("env", [2, 4], [0, 4], [0, 1])],
  [
    "two workers",
    { RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2", GROUP_RANK: "1" },
    info("env", [3, 4], [1, 2], [1, 2]),
  ],
  [
    "an uneven split",
    { RANK: "3", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "3" },
    info("env", [3, 4], [0, 3], [0, 1]),
  ],
  [
    "local size 0",
    { RANK: "1", WORLD_SIZE: "2", LOCAL_WORLD_SIZE: "0" },
    info("env", [1, 2], [0, 0], [0, 1]),
  ],
  ["empty is not set", { RANK: "", WORLD_SIZE: "4" }, undefined],
  ["space around", { RANK: " 1 ", WORLD_SIZE: "4\n" }, info("env", [1, 4], [0, 4], [0, 1])],

  // Every rank has to come to the same number of workers; without the size of one there is one, whatever NODE_RANK says.
  [
    "numbers of nodes without their sizes",
    { RANK: "2", WORLD_SIZE: "4", NODE_RANK: "1" },
    info("env", [2, 4], [0, 4], [0, 1]),
  ],
  ["the same of PMI", { PMI_RANK: "1", PMI_SIZE: "2", NODE_RANK: "1" }, info("pmi", [1, 2], [0, 2], [0, 1])],
  // Not a 0 for each of a worker's processes.
  [
    "several workers whose processes are not numbered",
    { RANK: "3", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "2", GROUP_RANK: "1" },
    info("env", [3, 4], [undefined, 2], [1, 2]),
  ],
  [
    "workers of one process each",
    { RANK: "1", WORLD_SIZE: "2", LOCAL_WORLD_SIZE: "1", GROUP_RANK: "1" },
    info("env", [1, 2], [0, 1], [1, 2]),
  ],

  // Not a 0 that would make two workers one.
  [
    "several workers without numbers",
    { RANK: "3", WORLD_SIZE: "4", LOCAL_RANK: "1", LOCAL_WORLD_SIZE: "2" },
    info("env", [3, 4], [1, 2], [undefined, 2]),
  ],
  [
    "the larger of two uneven workers",
    { RANK: "1", WORLD_SIZE: "5", LOCAL_RANK: "0", LOCAL_WORLD_SIZE: "4", GROUP_RANK: "1" },
    info("env", [1, 5], [0, 4], [1, 2]),
  ],
  [
    "Ray Train",
    { RANK: "2", WORLD_SIZE: "4", LOCAL_RANK: "0", LOCAL_WORLD_SIZE: "2", NODE_RANK: "1" },
    info("env", [2, 4], [0, 2], [1, 2]),
  ],
  ["torchrun", torchrun, info("torchrun", [3, 4], [1, 2], [1, 2])],
  [
    "torchrun with uneven nodes",
    { ...torchrun, LOCAL_RANK: "0", LOCAL_WORLD_SIZE: "1" },
    info("torchrun", [3, 4], [0, 1], [1, 2]),
  ],
  ["torchrun inside a SLURM step", { ...step, ...torchrun }, info("torchrun", [3, 4], [1, 2], [1, 2])],
  [
    "torchrun of one process inside a SLURM step",
    { ...step, ...torchrun, WORLD_SIZE: "1", RANK: "0" },
    undefined,
  ],
  ["Open MPI", openmpi, info("openmpi", [1, 2], [1, 2], [0, 1])],
  [
    "Open MPI on two nodes",
    { ...openmpi, OMPI_COMM_WORLD_SIZE: "4" },
    info("openmpi", [1, 4], [1, 2], [undefined, 2]),
  ],
  [
    "Open MPI on two nodes that were numbered",
    { ...openmpi, OMPI_COMM_WORLD_SIZE: "4", NODE_RANK: "1" },
    info("openmpi", [1, 4], [1, 2], [1, 2]),
  ],
  ["Hydra", hydra, info("mpich", [4, 5], [1, 2], [undefined, 2])],
  // srun starts one proxy on each node, and their numbers stay in the environment.
  [
    "Hydra inside a SLURM step",
    { ...step, ...hydra, PMI_SIZE: "2", PMI_RANK: "1" },
    info("mpich", [1, 2], [1, 2], [0, 1]),
  ],
  ["srun", step, info("slurm", [4, 7], [1, 3], [1, 3])],
  [
    "srun, the last node",
    { ...step, SLURM_PROCID: "6", SLURM_LOCALID: "0", SLURM_NODEID: "2" },
    info("slurm", [6, 7], [0, 1], [2, 3]),
  ],
  [
    "srun --distribution=cyclic, 3 tasks on the first node and 1 on the second",
    {
      ...step,
      SLURM_PROCID: "1",
      SLURM_LOCALID: "0",
      SLURM_NODEID: "1",
      SLURM_STEP_NUM_TASKS: "4",
      SLURM_STEP_NUM_NODES: "2",
      SLURM_STEP_TASKS_PER_NODE: "3,1",
    },
    info("slurm", [1, 4], [0, 1], [1, 2]),
  ],
  ["srun --mpi=pmi2", { ...step, PMI_RANK: "4", PMI_SIZE: "7" }, info("slurm", [4, 7], [1, 3], [1, 3])],
  [
    "a batch script: its tasks are those that srun would start",
    { SLURM_JOB_ID: "12345", SLURM_PROCID: "0", SLURM_LOCALID: "0", SLURM_NODEID: "0", SLURM_NTASKS: "4" },
    undefined,
  ],
  ["another process manager", { PMI_RANK: "1", PMI_SIZE: "2" }, info("pmi", [1, 2], [0, 2], [0, 1])],
  ["an indexed Job that says nothing of its size", { JOB_COMPLETION_INDEX: "3" }, undefined],
  [
    "an indexed Job",
    { JOB_COMPLETION_INDEX: "3", WORLD_SIZE: "4" },
    info("kubernetes", [3, 4], [0, 1], [3, 4]),
  ],
  // Node takes NODE_UNIQUE_ID out of the environment again, and it counts forks, not ranks.
  ["a worker of Node's cluster", { NODE_UNIQUE_ID: "2" }, undefined],
])("%s", ([, env, expected]) => {
  expect(getDistributedInfo(env)).toEqual(expected);
});

describe("what cannot be understood is refused by the variable's name", () => {
  test.for<[string, NodeJS.ProcessEnv]>([
    ["RANK", { RANK: "one", WORLD_SIZE: "4" }],
    ["RANK", { RANK: "-1", WORLD_SIZE: "4" }],
    ["RANK", { RANK: "1.5", WORLD_SIZE: "4" }],
    ["RANK", { RANK: "4", WORLD_SIZE: "4" }],
    ["RANK", { RANK: "0x1", WORLD_SIZE: "4" }],
    ["WORLD_SIZE", { RANK: "0", WORLD_SIZE: "many" }],
    ["WORLD_SIZE", { RANK: "0", WORLD_SIZE: "-4" }],
    ["LOCAL_RANK", { RANK: "0", WORLD_SIZE: "4", LOCAL_RANK: "a" }],
    ["LOCAL_WORLD_SIZE", { RANK: "0", WORLD_SIZE: "4", LOCAL_WORLD_SIZE: "1e400" }],
    ["GROUP_RANK", { RANK: "0", WORLD_SIZE: "4", GROUP_RANK: "?" }],
    ["OMPI_COMM_WORLD_SIZE", { ...openmpi, OMPI_COMM_WORLD_SIZE: "x" }],
    ["SLURM_STEP_NUM_TASKS", { ...step, SLURM_STEP_NUM_TASKS: "7 tasks" }],
    ["JOB_COMPLETION_INDEX", { JOB_COMPLETION_INDEX: "9", WORLD_SIZE: "4" }],
  ])("%s of %j", ([name, env]) => {
    expect(() => getDistributedInfo(env)).toThrow(
      expect.objectContaining({
        name: "TraceletError",
        code: "invalid-value",
        message: expect.stringContaining(name),
      }),
    );
  });
});

test("it reads this process's variables, and changes none", () => {
  const env = Object.freeze({ RANK: "1", WORLD_SIZE: "2" });
  expect(getDistributedInfo(env)?.rank).toBe(1);
  expect(getDistributedInfo()).toBeUndefined();
});
