import type { NormalisedRun } from "../../support/wandb-server/normalise.js";

/**
 * What the two syncs are compared by. Left out:
 *
 * - `program`: the official sync gives its own, `wandb`, whatever the log says; an online run, and ours, that of the script,
 *   which the differential suite of online runs compares
 */
export function comparable({ program: _, ...run }: NormalisedRun): NormalisedRun {
  return run;
}
