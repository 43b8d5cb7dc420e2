import { createHash } from "node:crypto";

/** Runs that this thread has begun under its job's id. */
let begun = 0;

/**
 * An id for the next run of this process that every rank of the job comes to by itself: the launcher's name of the job, with
 * `-run-2`, `-run-3` ... for the runs after the first, which all ranks begin in the same order. Undefined when no launcher names
 * the job. A process that is started again begins anew, and so goes on with the same runs.
 */
export function nextJobRunId(env: NodeJS.ProcessEnv): string | undefined {
  const job = jobIdOf(env);
  if (job === undefined) return undefined;
  begun++;
  return begun === 1 ? job : `${job}-run-${begun}`;
}

/** The launcher's name of the job, the same for all ranks and fit for ids and file names. */
export function jobIdOf(env: NodeJS.ProcessEnv): string | undefined {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;

  // "none" is what torchrun says when it runs over several nodes and was given no --rdzv-id.
  const elastic = text("TORCHELASTIC_RUN_ID");
  if (elastic !== undefined && elastic !== "none") return named("torchrun", elastic);

  if (text("OMPI_COMM_WORLD_SIZE") !== undefined) {
    // Open MPI 4 numbers its jobs with 16 bits, so that soon one has the number of another; its key for the network is
    // 128 bits of chance. It stays where it is: the id is made of its hash.
    const names = ["OMPI_MCA_orte_precondition_transports", "PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid"];
    const parts = names.map(text).filter((part) => part !== undefined);
    if (parts.length > 0) return `mpi-${hash(parts.join(" "))}`;
  }

  // A job step, as only srun starts it: a job may have several, each with a training of its own.
  const [job, step] = [text("SLURM_JOB_ID"), text("SLURM_STEP_ID")];
  if (job !== undefined && step !== undefined) return named("slurm", `${job}.${step}`);

  return kubernetesJob(text);
}

/** A pod of an indexed Job is told its index, and has the host name `<job>-<index>`. */
function kubernetesJob(text: (name: string) => string | undefined): string | undefined {
  const index = text("JOB_COMPLETION_INDEX");
  if (index === undefined) return undefined;
  const told = text("JOBSET_NAME") ?? text("JOB_NAME");
  if (told !== undefined) return named("k8s", told);
  const host = text("HOSTNAME");
  return host?.endsWith(`-${index}`) ? named("k8s", host.slice(0, -index.length - 1)) : undefined;
}

const LONGEST = 36; // a UUID

/** What is cut or replaced is made up for by a hash, so that two jobs never get one id. */
function named(launcher: string, job: string): string {
  const safe = job.replace(/[^\w.-]/g, "-");
  if (safe === job && job.length <= LONGEST) return `${launcher}-${job}`;
  return `${launcher}-${safe.slice(0, LONGEST - 9)}-${hash(job)}`;
}

function hash(text: string): string {
  const number = BigInt(`0x${createHash("sha256").update(text).digest("hex")}`);
  return (number % 36n ** 8n).toString(36).padStart(8, "0");
}
