import { expect, test } from "vitest";
import { jobIdOf, nextJobRunId } from "#src/distributed/job-id.js";

const mpi = {
  OMPI_COMM_WORLD_SIZE: "2",
  OMPI_MCA_ess_base_jobid: "474087425",
  PMIX_NAMESPACE: "474087425",
  OMPI_MCA_orte_precondition_transports: "a35a400c51c61ea0-e0c68544e9fbd7f1",
};

test.for<[string, NodeJS.ProcessEnv, string | undefined]>([
  ["no launcher", {}, undefined],
  [
    "torchrun on one node",
    { TORCHELASTIC_RUN_ID: "2d1e54aa-0d5a-4f6e-9c5b-3e1f8a7b6c5d" },
    "torchrun-2d1e54aa-0d5a-4f6e-9c5b-3e1f8a7b6c5d",
  ],
  ["torchrun without --rdzv-id", { TORCHELASTIC_RUN_ID: "none" }, undefined],
  [
    "torchrun without --rdzv-id in a SLURM step",
    { TORCHELASTIC_RUN_ID: "none", SLURM_JOB_ID: "7", SLURM_STEP_ID: "1" },
    "slurm-7.1",
  ],
  ["a SLURM step", { SLURM_JOB_ID: "12345", SLURM_STEP_ID: "0" }, "slurm-12345.0"],
  ["a SLURM batch script", { SLURM_JOB_ID: "12345" }, undefined],
  ["a namespace of PMIx without Open MPI", { PMIX_NAMESPACE: "x" }, undefined],
  [
    "JobSet",
    { JOB_COMPLETION_INDEX: "0", JOBSET_NAME: "train-x7", HOSTNAME: "train-x7-w-0-0" },
    "k8s-train-x7",
  ],
  ["an indexed Job", { JOB_COMPLETION_INDEX: "12", HOSTNAME: "train-12" }, "k8s-train"],
  [
    "an indexed Job in a pod with another host name",
    { JOB_COMPLETION_INDEX: "1", HOSTNAME: "node7" },
    undefined,
  ],
  ["a job of a build server", { JOB_NAME: "nightly" }, undefined],
])("%s", ([, env, id]) => {
  expect(jobIdOf(env)).toBe(id);
});

test("ids fit ids and file names, and differ where the names do", () => {
  const names = ["a/b", "a:b", "a b", "x".repeat(36), "x".repeat(37), "x".repeat(38), "ü"];
  const ids = names.map((name) => jobIdOf({ TORCHELASTIC_RUN_ID: name })!);
  expect(new Set(ids).size).toBe(names.length);
  for (const id of ids) expect(id).toMatch(/^torchrun-[\w.-]{1,36}$/);
});

test("Open MPI: the same for all ranks, another for another job, and the key stays out of it", () => {
  const id = jobIdOf({ ...mpi, OMPI_COMM_WORLD_RANK: "0" })!;
  expect(id).toMatch(/^mpi-[a-z0-9]{8}$/);
  expect(jobIdOf({ ...mpi, OMPI_COMM_WORLD_RANK: "1" })).toBe(id);
  const sameNumber = { ...mpi, OMPI_MCA_orte_precondition_transports: "0123456789abcdef-0123456789abcdef" };
  expect(jobIdOf(sameNumber)).not.toBe(id);
  expect(jobIdOf({ OMPI_COMM_WORLD_SIZE: "2", PMIX_NAMESPACE: "prterun-node-77@1" })).toMatch(/^mpi-/);
  expect(jobIdOf({ OMPI_COMM_WORLD_SIZE: "2" })).toBeUndefined();
});

test("each run of a process gets an id of its own, in an order that all ranks have", () => {
  const env = { SLURM_JOB_ID: "5", SLURM_STEP_ID: "0" };
  expect([nextJobRunId(env), nextJobRunId(env), nextJobRunId({}), nextJobRunId(env)]).toEqual([
    "slurm-5.0",
    "slurm-5.0-run-2",
    undefined,
    "slurm-5.0-run-3",
  ]);
});
