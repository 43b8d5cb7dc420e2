import { hostname } from "node:os";
import { resolve } from "node:path";
import { TraceletError } from "../../../src/errors.js";
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
  /** Whether the run has several writers; then its rows have no steps. Such a run may be kept offline, too. */
  readonly shared: boolean;
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
  /** `<run id>?_step=<number>` of this run. */
  readonly resumeFrom: string | undefined;
  /** The same of another run. */
  readonly forkFrom: string | undefined;
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
  const moment = values.resumeFrom ?? values.forkFrom;
  const wishes = [resumeOf(values.resume), values.resumeFrom, values.forkFrom];
  if (wishes.filter((wish) => wish !== undefined).length > 1) {
    refuse("resume, resumeFrom and forkFrom exclude each other; give one of them");
  }
  const from = moment === undefined ? undefined : parseMoment(moment).runId;
  const runId = values.runId ?? (values.resumeFrom === undefined ? undefined : from) ?? defaults.runId;
  if (values.resumeFrom !== undefined && from !== runId) {
    refuse(
      `resumeFrom names the run ${from}, and this one is ${runId}; forkFrom begins a new run from another one`,
    );
  }
  if (values.forkFrom !== undefined && from === runId) {
    refuse(`forkFrom names this run itself; resumeFrom goes back to one of its steps`);
  }
  const label = values.label ?? (mode === "shared" ? writerLabel(host) : undefined);
  return {
    mode,
    shared: mode === "shared",
    modeGiven: values.mode !== undefined,
    runId: checkRunId(runId),
    entity: values.entity,
    project: checkProject(values.project ?? defaultProject(cwd)),
    name: values.name,
    notes: values.notes,
    tags: checkTags(values.tags ?? []),
    group: values.group,
    jobType: values.jobType,
    resume: resumeOf(values.resume),
    resumeFrom: values.resumeFrom,
    forkFrom: values.forkFrom,
    sweepId: values.sweepId === undefined ? undefined : checkSweepId(values.sweepId),
    dir: resolve(cwd, values.dir ?? defaults.dir ?? "."),
    host,
    values: { ...values, ...(label === undefined ? {} : { label }) },
  };
}

/** Writers of one run are told apart by their labels; this one is for a writer that was given none. */
export const writerLabel = (host: string): string => `${host}-${generateId()}`;

function modeOf(mode: SettingValues["mode"]): WandbMode {
  if (mode === "dryrun") return "offline";
  return mode === undefined || mode === "run" ? "online" : mode;
}

/** `true` means `auto` and `false` means not to, as in the official client. */
function resumeOf(resume: SettingValues["resume"]): WandbResume | undefined {
  if (resume === "true") return "auto";
  return resume === "false" ? undefined : resume;
}

/** Telemetry features that the mode of a run stands for. */
export const modeFeatures = ({ mode, shared, values }: RunSettings): string[] => [
  ...((values.finishTimeout ?? 0) > 0 ? ["finishTimeout"] : []),
  ...(values.finishTimeoutRaises ? ["finishTimeoutRaises"] : []),
  ...(mode === "offline" ? ["offline"] : []),
  ...(shared ? ["sharedMode"] : []),
];

/** Whether the server has to be asked before the first row gets its step. */
export const needsBranch = ({ resume, resumeFrom, forkFrom }: RunSettings): boolean =>
  resume !== undefined || resumeFrom !== undefined || forkFrom !== undefined;

/** A step of a run, as `resumeFrom` and `forkFrom` name it. Throws `invalid-option` with the form. */
export function parseMoment(text: string): { readonly runId: string; readonly step: number } {
  const [, runId, number] = /^([^?]+)\?_step=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (runId === undefined) refuse(`"${text}" names no step of a run; the form is <run id>?_step=<number>`);
  return { runId, step: Math.trunc(Number(number)) };
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-option", `${rule}.`, { backend: "wandb" });
}

/** What a second `init` does to the run before it. */
export function reinitOf(reinit: SettingValues["reinit"]): WandbReinit {
  if (reinit === "true") return "finish_previous";
  if (reinit === "false") return "return_previous";
  return reinit ?? "default";
}
