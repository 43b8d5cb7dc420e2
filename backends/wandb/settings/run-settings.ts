import { hostname } from "node:os";
import { resolve } from "node:path";
import { checkProject, checkRunId, checkSweepId, checkTags, generateId } from "../run/run-id.js";
import { defaultProject } from "./default-project.js";
import type { SettingValues } from "./setting-table.js";
import { settingsFromEnvironment, settingsFromFiles } from "./sources.js";

export type WandbMode = "online" | "offline" | "shared" | "disabled";
export type WandbResume = "allow" | "must" | "never" | "auto";
export type WandbReinit = "default" | "return_previous" | "finish_previous" | "create_new";

/** Everything that is decided about a run before it starts. Plain data, without secrets. */
export interface RunSettings {
  readonly mode: WandbMode;
  /** Whether somebody asked for this mode; online is the default. */
  readonly modeGiven: boolean;
  readonly runId: string;
  readonly entity: string | undefined;
  readonly project: string;
  readonly name: string | undefined;
  readonly notes: string | undefined;
  readonly tags: readonly string[];
  readonly group: string | undefined;
  readonly jobType: string | undefined;
  readonly resume: WandbResume | undefined;
  readonly sweepId: string | undefined;
  /** Parent of `wandb/`, absolute. */
  readonly dir: string;
  readonly host: string;
  /** Settings that have no meaning of their own here. */
  readonly values: SettingValues;
}

/** Where settings come from. */
export interface SettingSources {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  warn(message: string): void;
}

/** What stands in where nobody chose a value. */
export interface SettingDefaults {
  readonly runId: string;
  readonly dir?: string;
}

/**
 * The settings of a run: given values over `WANDB_*` variables over settings files over defaults.
 * Throws `invalid-option` with the rule that an id, project, tag or variable breaks.
 */
export function resolveRunSettings(
  given: SettingValues,
  defaults: SettingDefaults,
  sources: SettingSources,
): RunSettings {
  const { env, cwd, warn } = sources;
  // The key goes another way (`NativeStart.apiKey`), so that whoever writes settings down has none.
  const { apiKey: _apiKey, ...values }: SettingValues = {
    ...settingsFromFiles(env, cwd, warn),
    ...settingsFromEnvironment(env),
    ...(Object.fromEntries(
      Object.entries(given).filter(([, value]) => value !== undefined),
    ) as SettingValues),
  };
  const mode = modeOf(values.mode);
  const host = values.host ?? hostname();
  // Writers of one run are told apart by their labels.
  const label = values.label ?? (mode === "shared" ? `${host}-${generateId()}` : undefined);
  return {
    mode,
    modeGiven: values.mode !== undefined,
    runId: checkRunId(values.runId ?? defaults.runId),
    entity: values.entity,
    project: checkProject(values.project ?? defaultProject(cwd)),
    name: values.name,
    notes: values.notes,
    tags: checkTags(values.tags ?? []),
    group: values.group,
    jobType: values.jobType,
    resume: resumeOf(values.resume),
    sweepId: values.sweepId === undefined ? undefined : checkSweepId(values.sweepId),
    dir: resolve(cwd, values.dir ?? defaults.dir ?? "."),
    host,
    values: { ...values, ...(label === undefined ? {} : { label }) },
  };
}

function modeOf(mode: SettingValues["mode"]): WandbMode {
  if (mode === "dryrun") return "offline";
  return mode === undefined || mode === "run" ? "online" : mode;
}

/** `true` means `auto` and `false` means not to, as in the official client. */
function resumeOf(resume: SettingValues["resume"]): WandbResume | undefined {
  if (resume === "true") return "auto";
  return resume === "false" ? undefined : resume;
}

/** What a second `init` does to the run before it. */
export function reinitOf(reinit: SettingValues["reinit"]): WandbReinit {
  if (reinit === "true") return "finish_previous";
  if (reinit === "false") return "return_previous";
  return reinit ?? "default";
}
