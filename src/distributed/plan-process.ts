import { generateRunId } from "../settings/run-id.js";
import { getDistributedInfo } from "./detect.js";
import { nextJobRunId } from "./job-id.js";
import { type ParentRun, planRun, type RankScope, type RunMode, type RunPlan } from "./plan-run.js";

/** What a process knows when it starts a run. */
export interface ProcessRequest {
  readonly runMode?: RunMode | undefined;
  readonly rankScope?: RankScope | undefined;
  /** The id that was given. */
  readonly id?: string | undefined;
  /** The id of the job where the run's own is not given. Default: the launcher's. */
  readonly jobId?: string | undefined;
  readonly group?: string | undefined;
  /** The run that another process has handed over. */
  readonly parent?: ParentRun | undefined;
  /** Label of a process on its own that writes to a shared run. */
  readonly label?: string | undefined;
  /** Whether others may join the run by its handle. */
  readonly shareable?: boolean | undefined;
  /** Default: a random one. */
  readonly freshId?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** The plan of this process for its next run, and whether it is a rank of a distributed job. */
export function planProcess(request: ProcessRequest): { plan: RunPlan; distributed: boolean } {
  const { jobId, id, group, label, env, freshId = generateRunId(), ...rest } = request;
  const info = getDistributedInfo(env);
  const baseId = id ?? jobId ?? (info === undefined ? undefined : nextJobRunId(env));
  const plan = planRun({ ...rest, info, baseId, freshId, explicit: { id, group, label } });
  return { plan, distributed: info !== undefined };
}
