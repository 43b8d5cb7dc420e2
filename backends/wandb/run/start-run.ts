import type { RunDescription } from "../../../src/backend/contract.js";
import { RunConfig } from "../config/config.js";
import type { NativeOptions } from "../options.js";
import { checkSettingValues } from "../settings/given-settings.js";
import { withRank } from "../settings/rank-settings.js";
import { modeFeatures, type RunSettings, resolveRunSettings } from "../settings/run-settings.js";
import { generateId } from "./run-id.js";
import type { RunReporter, RunStart } from "./run-writer.js";
import type { Writer } from "./writer-file.js";

/** Everything that is known of a run before it is opened. */
export interface PreparedRun {
  readonly settings: RunSettings;
  /** A key given by the script. It is never written. */
  readonly apiKey: string | undefined;
  readonly start: Omit<RunStart, "branch" | "offline">;
  readonly writer: Writer;
}

/** The run that `wandb.init` has prepared, or the one that an experiment describes; undefined when it is disabled. */
export function prepareRun(
  options: NativeOptions,
  run: RunDescription,
  reporter: RunReporter,
): PreparedRun | undefined {
  const at = { startTime: run.startTime, cwd: run.dir };
  const { native } = options;
  if (native !== undefined) {
    const { settings, apiKey, config, features } = native;
    return { settings, apiKey, start: { ...at, config, features }, writer: writerOf(settings) };
  }
  const settings = withRank(experimentSettings(options, run, reporter), run.rank);
  if (settings.mode === "disabled") return undefined;
  // The configuration of the run record; what changes later is written by the run itself.
  const config = new RunConfig({ write() {}, warn: reporter.warn });
  config.update(run.params);
  const features = [
    ...modeFeatures(settings),
    ...(Object.keys(run.params).length > 0 ? ["setInitConfig"] : []),
  ];
  return {
    settings,
    apiKey: options.settings?.["apiKey"] as string | undefined,
    start: { ...at, config: config.toRecord(), features },
    writer: writerOf(settings),
  };
}

function writerOf({ shared, resume, values }: RunSettings): Writer {
  return {
    shared,
    id: generateId(32),
    ...(values.label === undefined ? {} : { label: values.label }),
    primary: values.primary !== false,
    endsRun: values.updateFinishState !== false,
    ...(resume === undefined ? {} : { resume: resume === "auto" ? "allow" : resume }),
  };
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
