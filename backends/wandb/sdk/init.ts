import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printLine } from "../../../src/backend/trouble.js";
import { getDistributedInfo } from "../../../src/distributed/detect.js";
import { type ProcessRequest, planProcess } from "../../../src/distributed/plan-process.js";
import type { RankScope, RunMode, RunPlan } from "../../../src/distributed/plan-run.js";
import { roleOf } from "../../../src/distributed/rank-role.js";
import { createPlannedExperiment } from "../../../src/logging.js";
import { readEnvironment, withoutUndefined } from "../../../src/settings/environment.js";
import { statsIntervalMs } from "../around/system-metrics.js";
import { RunConfig } from "../config/config.js";
import { checkConfig, mergeConfig, toInitOptions } from "../context/config.js";
import { getWandbConfig, type RunScope, runsHere } from "../context/scope.js";
import type { NativeCalls } from "../native/native-call.js";
import type { NativeOptions } from "../options.js";
import { wandbFolder } from "../run/run-directory.js";
import { generateId } from "../run/run-id.js";
import { checkSettingValues } from "../settings/given-settings.js";
import { withRank } from "../settings/rank-settings.js";
import { modeFeatures, type RunSettings, reinitOf, resolveRunSettings } from "../settings/run-settings.js";
import type { SettingValues } from "../settings/setting-table.js";
import { configItems } from "./config-view.js";
import { fillConfig } from "./initial-config.js";
import type { NativeStart } from "./native-start.js";
import { Run } from "./run.js";

/** What `init` takes (Python: `wandb.init`). What is not given comes from `WANDB_*` variables, then from settings files. */
export interface InitOptions {
  /** User or team. `WANDB_ENTITY`. */
  entity?: string;
  /** At most 128 characters. `WANDB_PROJECT`; default the git repository's name, else `uncategorized`. */
  project?: string;
  /** Identity of the run. `WANDB_RUN_ID`; default 8 random characters. */
  id?: string;
  /** Name shown to people. `WANDB_NAME`. */
  name?: string;
  /** Runs that belong together. `WANDB_RUN_GROUP`. */
  group?: string;
  /** What the run does in its group: `training`, `evaluation` ... `WANDB_JOB_TYPE`. */
  jobType?: string;
  /** Labels of 1 to 64 characters. `WANDB_TAGS`. */
  tags?: readonly string[];
  /** Description of the run. `WANDB_NOTES`. */
  notes?: string;
  /** Inputs of the run. */
  config?: { readonly [key: string]: unknown };
  /**
   * `online`: sent while it is written. `offline`: kept in the run's folder until `tracelet sync`. `shared`: online, as one
   * of several writers of a run. `disabled`: nothing is kept. `WANDB_MODE`; default `online`.
   */
  mode?: "online" | "offline" | "shared" | "disabled" | "dryrun";
  /** Parent of the folder `wandb/`. `WANDB_DIR`; default the working directory. */
  dir?: string;
  /**
   * Whether the run goes on with one of the same id: `allow` and `auto` if there is one, `must` only then, `never` only
   * if there is none. `WANDB_RESUME`.
   */
  resume?: "allow" | "must" | "never" | "auto" | boolean;
  /** Goes back to a step of this run and on from there: `<run id>?_step=<number>`. `WANDB_RESUME_FROM`. */
  resumeFrom?: string;
  /** Begins a run with the history of another up to a step: `<run id>?_step=<number>`. `WANDB_FORK_FROM`. */
  forkFrom?: string;
  /**
   * What happens to the run before: `default` and `create_new` leave it open beside the new one (only with `default` do the
   * functions of the module go to the new one), `finish_previous` ends it, `return_previous` returns it. `WANDB_REINIT`.
   */
  reinit?: "default" | "return_previous" | "finish_previous" | "create_new" | boolean;
  /** Keep the script and the uncommitted changes. `WANDB_SAVE_CODE`. */
  saveCode?: boolean;
  /**
   * Which processes of a distributed job log: `auto` its first one, `shared` all to one run, `new` all, each to a run of its own
   * in one group. A rank that does not log gets a run whose calls do nothing, and `getRun()` gives undefined there.
   * `TRACELET_RUN_MODE`; default `auto`.
   */
  runMode?: RunMode;
  /** Whether `runMode` means the whole job or each of its workers (nodes). `TRACELET_RANK_SCOPE`; default `global`. */
  rankScope?: RankScope;
  /** Let every value of `config` be changed. */
  allowValChange?: boolean;
  /** Further settings by their names in camelCase: `console`, `label`, `primary`, `silent` ... */
  settings?: { readonly [name: string]: unknown };
}

/** Runs of ranks that do not log: what is logged to them goes nowhere. */
const leftOut = new WeakSet<Run>();

/** The run that the functions of the module go to. */
export const currentRun = (): Run | undefined => runsHere().current;

/** The run of this process, if it has one: a rank that does not log has none. */
export function loggedRun(): Run | undefined {
  const run = currentRun();
  return run === undefined || leftOut.has(run) ? undefined : run;
}

/**
 * Starts a run (Python: `wandb.init`). Several can be open at once. What is not given comes from the context
 * (`withWandbConfig`). Resolves when the server knows the run, or has not answered in time (`initTimeout`, 10 s): then the
 * run is kept in its folder and sent as soon as it does.
 *
 * @throws TraceletError `invalid-option` with the rule that an id, a project, a tag or a setting breaks, and when there is
 * no run for `resume: "must"`, or one for `"never"`
 *
 * @example
 * ```ts
 * import * as wandb from "tracelet/wandb";
 *
 * const run = await wandb.init({ project: "digits", tags: ["baseline"], config: { lr: 0.01 } });
 * run.log({ loss: 0.5 });
 * await run.finish();
 * ```
 */
export async function init(options: InitOptions = {}): Promise<Run> {
  checkConfig(options, "wandb.init");
  const config = mergeConfig(getWandbConfig(), options);
  // Without ranks the modes of a context are those of functions with a run of their own (context/scoped-run.ts).
  const { runMode, rankScope } = getDistributedInfo() === undefined ? options : config;
  const given = { ...toInitOptions(config), ...withoutUndefined({ runMode, rankScope }) };
  const settings = readSettings(given);
  const reinit = reinitOf(settings.values.reinit);
  const runs = runsHere();
  const previous = runs.open.at(-1);
  if (previous !== undefined && reinit === "return_previous") return previous;
  if (previous !== undefined && reinit === "finish_previous") await previous.finish();
  const run = start(given, settings, runs, reinit === "create_new");
  try {
    await run.experiment.ready;
  } catch (error) {
    // With TRACELET_STRICT, where nobody gets the run to end it.
    await run.finish({ exitCode: 1 }).catch(() => {});
    throw error;
  }
  await run.connected();
  return run;
}

/** How a run stands to other processes, beside what `init` is given. */
export type Standing = Pick<ProcessRequest, "parent" | "label" | "shareable">;

/**
 * Starts a run that is the current one of `runs`, without waiting for anything.
 *
 * @internal
 */
export function openRun(options: InitOptions, runs: RunScope, standing: Standing): Run {
  return start(options, readSettings(options), runs, false, standing);
}

function readSettings(options: InitOptions): RunSettings {
  const {
    id,
    config: _config,
    settings = {},
    resume,
    reinit,
    runMode: _,
    rankScope: __,
    ...fields
  } = options;
  const given: SettingValues = {
    ...checkSettingValues(settings),
    ...(Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as SettingValues),
    ...(id === undefined ? {} : { runId: id }),
    ...(resume === undefined ? {} : { resume: String(resume) as "auto" }),
    ...(reinit === undefined ? {} : { reinit: String(reinit) as "default" }),
  };
  checkSettingValues(given);
  const cwd = process.cwd();
  const sources = { env: process.env, cwd, warn: (message: string) => printLine(`wandb: ${message}`) };
  const resolved = resolveRunSettings(given, { runId: generateId() }, sources);
  // Ranks agree on the job's id, which a job that is started again has again.
  const remembers = resolved.mode !== "disabled" && getDistributedInfo() === undefined;
  return remembers ? withAutoResume(resolved, id) : resolved;
}

/** What this process logs to, and the settings with it. */
function plannedSettings(
  { runMode, rankScope }: InitOptions,
  settings: RunSettings,
  { label = settings.values.label, ...standing }: Standing,
): { readonly plan: RunPlan; readonly settings: RunSettings } {
  const environment = readEnvironment(process.env);
  const { plan } = planProcess({
    ...standing,
    label,
    runMode: runMode ?? environment.runMode,
    rankScope: rankScope ?? environment.rankScope,
    id: settings.values.runId,
    jobId: environment.id,
    group: settings.group,
    freshId: settings.runId,
    env: process.env,
  });
  return { plan, settings: withRank({ ...settings, runId: plan.runId, group: plan.group }, roleOf(plan)) };
}

function start(
  options: InitOptions,
  chosen: RunSettings,
  runs: RunScope,
  beside: boolean,
  standing: Standing = {},
): Run {
  const { plan, settings } = plannedSettings(options, chosen, standing);
  const disabled = settings.mode === "disabled";
  let run: Run | undefined;
  const send = (data: NativeCalls["config"]): void =>
    run?.experiment.record({
      kind: "native",
      backend: "wandb",
      name: "config",
      data,
      wallTime: Date.now() / 1000,
    });
  const config: RunConfig = new RunConfig(
    {
      write: (record) => send({ record: configItems(config, record) }),
      warn: (message) => printLine(`wandb: ${message}`),
    },
    settings.values.allowValChange ?? false,
  );
  fillConfig(config, options.config ?? {}, settings.values, process.cwd());
  const { values } = settings;
  const intervalMs = statsIntervalMs(values);
  const apiKey = options.settings?.["apiKey"] as string | undefined;
  const native: NativeStart = {
    settings,
    ...(apiKey === undefined ? {} : { apiKey }),
    config: configItems(config, config.toRecord()),
    features: features(options, settings),
  };
  const logging = {
    id: settings.runId,
    project: settings.project,
    ...(settings.name === undefined ? {} : { expName: settings.name }),
    tags: settings.tags,
    dir: process.cwd(),
    disabled,
    console: values.console !== "off",
    system: intervalMs === undefined ? false : { intervalMs },
    git: !values.disableGit,
    config: { native } as NativeOptions,
  };
  // A run in shared mode has other writers, whoever asked for it: they may join it by the experiment's handle.
  const shared = settings.shared ? { ...plan, shared: true, alone: false } : plan;
  const experiment = createPlannedExperiment("wandb", logging, shared);
  run = new Run({
    experiment,
    settings,
    apiKey,
    config,
    onFinish: (finished, exitCode) => ended(finished, runs, exitCode),
  });
  if (!plan.logs) leftOut.add(run);
  runs.open = [...runs.open, run];
  if (!beside) runs.current = run;
  return run;
}

function ended(run: Run, runs: RunScope, exitCode: number): void {
  runs.open = runs.open.filter((other) => other !== run);
  if (runs.current === run) runs.current = runs.open.at(-1);
  forgetAutoResume.get(run.id)?.(exitCode);
  forgetAutoResume.delete(run.id);
}

/** By run: what is to be done with `wandb-resume.json` at its end. */
const forgetAutoResume = new Map<string, (exitCode: number) => void>();

/** `resume: "auto"` takes the id of a run that did not end well from `wandb/wandb-resume.json`. */
function withAutoResume(settings: RunSettings, id: string | undefined): RunSettings {
  const { resume } = settings;
  if (settings.mode === "offline" && (resume === "must" || resume === "never")) {
    printLine(
      `wandb: resume "${resume}" asks the server whether the run exists; this run is kept offline and goes to the run ` +
        `"${settings.runId}" when it is synced`,
    );
  }
  if (resume !== "auto") return settings;
  const file = join(wandbFolder(settings.dir, settings.values.useDotWandb), "wandb-resume.json");
  const runId = id ?? settings.values.runId ?? lastRunId(file) ?? settings.runId;
  writeFileSync(file, JSON.stringify({ run_id: runId }));
  forgetAutoResume.set(runId, (exitCode) => {
    if (exitCode === 0) rmSync(file, { force: true });
  });
  return { ...settings, runId };
}

function lastRunId(file: string): string | undefined {
  try {
    const { run_id: id } = JSON.parse(readFileSync(file, "utf8")) as { run_id?: unknown };
    return typeof id === "string" && id !== "" ? id : undefined;
  } catch {
    return undefined;
  }
}

/** Telemetry features that the arguments stand for. */
function features({ name, id, tags, config }: InitOptions, settings: RunSettings): string[] {
  return [
    ...modeFeatures(settings),
    ...(name === undefined ? [] : ["setInitName"]),
    ...(id === undefined ? [] : ["setInitId"]),
    ...(tags === undefined ? [] : ["setInitTags"]),
    ...(config === undefined ? [] : ["setInitConfig"]),
  ];
}
