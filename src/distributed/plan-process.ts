import { generateRunId } from "../settings/run-id.js";
import { getDistributedInfo } from "./detect.js";
import { nextJobRunId } from "./job-id.js";
import { planRun, type RankScope, type RunMode, type RunPlan } from "./plan-run.js";

/** What a process knows when it starts a run. */
export interface ProcessRequest {
  readonly runMode?: RunMode | undefined;
  readonly rankScope?: RankScope | undefined;
  /** The id that was given. */
  readonly id?: string | undefined;
  /** The id of the job where the run's own is not given. Default: the launcher's. */
  readonly jobId?: string | undefined;
  readonly group?: string | undefined;
  /** Whether others may join the run by its handle. */
  readonly shareable?: boolean | undefined;
  /** Default: a random one. */
  readonly freshId?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** The plan of this process for its next run, and whether it is a rank of a distributed job. */
export function planProcess(request: ProcessRequest): { plan: RunPlan; distributed: boolean } {
  const { runMode, rankScope, id, group, shareable, env, freshId = generateRunId() } = request;
  const info = getDistributedInfo(env);
  const baseId = id ?? request.jobId ?? (info === undefined ? undefined : nextJobRunId(env));
  const plan = planRun({ info, runMode, rankScope, shareable, baseId, freshId, explicit: { id, group } });
  return { plan, distributed: info !== undefined };
}
