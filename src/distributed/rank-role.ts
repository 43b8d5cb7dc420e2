import type { RankRole, RunDescription } from "../backend/contract.js";
import type { RunPlan } from "./plan-run.js";

/** What backends are told of the plan; undefined when no other process of the job logs. */
export function roleOf(plan: RunPlan): RankRole | undefined {
  if (plan.alone) return undefined;
  const { group, label, primary, shared, ownId } = plan;
  return {
    ...(group !== undefined && { group }),
    ...(label !== undefined && { label }),
    primary,
    shared,
    ...(ownId !== undefined && { ownId }),
  };
}

/** The run as a backend sees it: where its runs have one writer, each writer of a shared run gets a run in the run's group. */
export function runAt(
  { sharedWriters }: { readonly sharedWriters?: boolean | undefined },
  run: RunDescription,
): RunDescription {
  const { rank } = run;
  if (rank === undefined || !rank.shared || sharedWriters) return run;
  const { ownId = run.id, ...role } = rank;
  return { ...run, id: ownId, rank: { group: run.id, ...role, primary: true, shared: false } };
}
