import type { JsonValue } from "#src/events/event.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";

/**
 * What the two syncs are compared by. Left out, because ours does as an online run does, which the differential suite of
 * online runs compares:
 *
 * - `program`: the official sync gives its own, `wandb`, whatever the log says
 * - `historyStep` of artifacts: the official sync knows no step and gives none
 *
 * and the sign of zero, which the official sync loses and ours keeps.
 */
export function comparable({ program: _, ...run }: NormalisedRun): NormalisedRun {
  return changed(run) as NormalisedRun;
}

function changed(value: JsonValue): JsonValue {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(changed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== "historyStep");
  return Object.fromEntries(entries.map(([key, member]) => [key, changed(member as JsonValue)]));
}

/**
 * What our sync rightly says of a log that the official one takes without a word: a file that was saved with the policy
 * `now` and is gone.
 */
export const WARNINGS: { readonly [script: string]: string } = {
  "101_save_more": "gone.txt is left out: there is no such file",
};

/**
 * Not compared: this log says that its run was made on another machine (`WANDB_HOST`), so that our sync does not follow the
 * links to the files that the official client has saved, as a run folder of somebody else could lead to any file here.
 */
export const FROM_ELSEWHERE = "93_settings_file_and_variables";
