import type { RunDescription } from "../../src/backend/contract.js";
import { withoutUndefined } from "../../src/settings/environment.js";
import type { NativeOptions, WandbOptions } from "./options.js";

/** Settings that say how a writer stands to its run, or what the run begins with: each writer's own, or the primary's. */
const OWN = new Set([
  "apiKey",
  "label",
  "primary",
  "updateFinishState",
  "runId",
  "resume",
  "resumeFrom",
  "forkFrom",
  "reinit",
  "configPaths",
  "sweepParamPath",
  "saveCode",
]);

/**
 * Options of a further writer of a run. Where they would come from `WANDB_*` variables they are put in, since another project,
 * entity or server is another run, and a run that is kept here must not be sent by others.
 */
export function joinWandb(
  { native, settings: given, ...options }: NativeOptions,
  { chosen = ["id", "project", "dir"] }: Pick<RunDescription, "chosen">,
  env: NodeJS.ProcessEnv,
): WandbOptions {
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const { mode, values, dir } = native?.settings ?? {};
  const settings = {
    baseUrl: text("WANDB_BASE_URL"),
    ...(chosen.includes("project") ? {} : { project: text("WANDB_PROJECT") }),
    ...(chosen.includes("dir") ? {} : { dir: text("WANDB_DIR") }),
    ...values,
    ...given,
    ...withoutUndefined({ mode, dir }),
  };
  return {
    ...withoutUndefined({ mode: text("WANDB_MODE") as WandbOptions["mode"], entity: text("WANDB_ENTITY") }),
    ...commonTo(options),
    settings: commonTo(settings),
  };
}

/** What all writers have alike. */
function commonTo<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(withoutUndefined(values)).filter(([name]) => !OWN.has(name));
  return Object.fromEntries(entries) as Partial<T>;
}
