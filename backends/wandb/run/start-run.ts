import type { RunDescription } from "../../../src/backend/contract.js";
import { RunConfig } from "../config/config.js";
import type { NativeOptions } from "../options.js";
import { checkSettingValues } from "../settings/given-settings.js";
import { withRank } from "../settings/rank-settings.js";
import { type RunSettings, resolveRunSettings } from "../settings/run-settings.js";
import { type RunReporter, RunWriter } from "./run-writer.js";

/**
 * Opens the run that `wandb.init` has prepared, or the one that an experiment describes; undefined when it is disabled, so
 * that nothing is kept.
 */
export function startRun(
  options: NativeOptions,
  run: RunDescription,
  reporter: RunReporter,
): RunWriter | undefined {
  const { native } = options;
  if (native !== undefined) {
    const { settings, config, features } = native;
    return new RunWriter(settings, { startTime: run.startTime, cwd: run.dir, config, features }, reporter);
  }
  const settings = withRank(experimentSettings(options, run, reporter), run.rank);
  if (settings.mode === "disabled") return undefined;
  // The configuration of the run record; what changes later is written by the run itself.
  const config = new RunConfig({ write() {}, warn: reporter.warn });
  config.update(run.params);
  const features = [
    "offline",
    ...(Object.keys(run.params).length > 0 ? ["setInitConfig"] : []),
    ...(settings.mode === "shared" ? ["sharedMode"] : []),
  ];
  return new RunWriter(
    settings,
    { startTime: run.startTime, cwd: run.dir, config: config.toRecord(), features },
    reporter,
  );
}

/** Options over what the experiment was given over variables and files over what the experiment made up. */
function experimentSettings(
  { settings = {}, resume, ...options }: NativeOptions,
  { id, name, project, tags, dir, chosen = ["id", "project", "dir"] }: RunDescription,
  reporter: RunReporter,
): RunSettings {
  const { native: _native, ...fields } = options;
  return resolveRunSettings(
    {
      ...(name === undefined ? {} : { name }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(chosen.includes("id") ? { runId: id } : {}),
      ...(chosen.includes("project") ? { project } : {}),
      ...(chosen.includes("dir") ? { dir } : {}),
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
      ...(resume === undefined ? {} : { resume: String(resume) as "auto" }),
      ...checkSettingValues(settings),
    },
    { runId: id, dir },
    { env: process.env, cwd: dir, warn: reporter.warn },
  );
}

/** What to do with a run that was kept here, and why it was. */
export function syncHint(settings: RunSettings, folder: string): string {
  // What is uploaded last says whether the run has ended, so that of several writers it must be the primary.
  const { label, updateFinishState } = settings.values;
  const last = label !== undefined && updateFinishState === true;
  const command = `wandb sync ${folder}${last ? " (after the folders of the other ranks)" : ""}`;
  if (settings.mode !== "online") return `upload with: ${command}`;
  return `this version does not send to W&B by itself, so the run was kept offline; upload with: ${command}`;
}
