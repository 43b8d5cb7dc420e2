import type { RankScope, RunMode } from "../../../src/distributed/plan-run.js";
import { TraceletError } from "../../../src/errors.js";
import { withoutUndefined } from "../../../src/settings/environment.js";
import { unknownOption } from "../../../src/settings/unknown-option.js";
import type { InitOptions } from "../sdk/init.js";
import { normaliseBaseUrl } from "../server/address.js";
import { SETTINGS } from "../settings/setting-table.js";
import type { TaskContext } from "./task.js";

/** The run of another process, as far as one that adds to it must know it. */
export interface ParentRun {
  id: string;
  project: string;
  /** Default: the one of the key. */
  entity?: string;
  mode: NonNullable<InitOptions["mode"]>;
}

/** What a context says of the runs opened in it: all options of `wandb.init`, and what follows. */
export interface WandbConfig extends InitOptions {
  /** Which run a function logs to; default `auto`: the parent's where there is one. */
  runMode?: RunMode;
  /** Of a job on several nodes: one run for all of it (`global`, the default) or one for each node (`worker`). */
  rankScope?: RankScope;
  /** Fetch what the server has of the run after it has ended well; default false. */
  downloadLogs?: boolean;
  /** Address of the server's API. `WANDB_BASE_URL`. */
  host?: string;
  /** Which step of which workflow this is; makes the run's id `<run name>-<action name>`. Default none: a random id. */
  task?: TaskContext;
  /**
   * `remote`: runs are opened in shared mode, so that other processes can add to them. Default `local`; in a process that
   * was given a task by `contextToEnv` it is `remote`.
   */
  execution?: "local" | "remote";
  /** Run of another process that `auto` and `shared` go to; `contextToEnv` puts it here. */
  parent?: ParentRun;
}

/** Every key, by which unknown ones are found. */
const KEYS: { readonly [Key in keyof Required<WandbConfig>]: true } = {
  entity: true,
  project: true,
  id: true,
  name: true,
  group: true,
  jobType: true,
  tags: true,
  notes: true,
  config: true,
  mode: true,
  dir: true,
  resume: true,
  resumeFrom: true,
  forkFrom: true,
  reinit: true,
  saveCode: true,
  allowValChange: true,
  settings: true,
  runMode: true,
  rankScope: true,
  downloadLogs: true,
  host: true,
  task: true,
  execution: true,
  parent: true,
};

const CHOICES = {
  runMode: ["auto", "new", "shared"],
  rankScope: ["global", "worker"],
  execution: ["local", "remote"],
} as const satisfies { readonly [Key in keyof WandbConfig]?: readonly WandbConfig[Key][] };

/** Throws `invalid-option` for an unknown key or a value that its key does not take; the rest is checked by `init`. */
export function checkConfig(config: WandbConfig, where: string): WandbConfig {
  if (typeof config !== "object" || config === null)
    refuse(where, 'give an object of options first, such as { project: "digits" }');
  for (const key of Object.keys(config)) {
    if (Object.hasOwn(KEYS, key)) continue;
    if (Object.hasOwn(SETTINGS, key)) refuse(where, `"${key}" is a setting; give settings: { ${key}: ... }`);
    refuse(where, unknownOption(key, Object.keys(KEYS)));
  }
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = config[key as keyof typeof CHOICES];
    if (value !== undefined && !(choices as readonly string[]).includes(value)) {
      refuse(where, `${key} must be one of ${choices.join(", ")}, not ${JSON.stringify(value)}`);
    }
  }
  const { task, parent, downloadLogs, host } = config;
  if (task !== undefined && !(isText(task?.runName) && isText(task.actionName))) {
    refuse(where, "task needs the texts runName and actionName");
  }
  if (parent !== undefined && !(isText(parent?.id) && isText(parent.project))) {
    refuse(where, "parent needs the texts id and project of a run");
  }
  if (downloadLogs !== undefined && typeof downloadLogs !== "boolean") {
    refuse(where, `downloadLogs must be true or false, not ${JSON.stringify(downloadLogs)}`);
  }
  if (host !== undefined) normaliseBaseUrl(host);
  return config;
}

/**
 * `inner` over `outer`, key by key; what is undefined is not set. `config` and `settings` hold names of their own and are
 * merged name by name.
 */
export function mergeConfig(outer: WandbConfig, inner: WandbConfig): WandbConfig {
  const merged: WandbConfig = { ...outer, ...withoutUndefined(inner) };
  for (const key of ["config", "settings"] as const) {
    if (outer[key] !== undefined && inner[key] !== undefined) {
      merged[key] = { ...outer[key], ...withoutUndefined(inner[key]) };
    }
  }
  return merged;
}

/** The part that `wandb.init` takes. */
export function toInitOptions(given: WandbConfig): InitOptions {
  const { runMode: _mode, rankScope: _scope, downloadLogs: _logs, task: _task, ...rest } = given;
  const { execution: _execution, parent: _parent, host, ...options } = rest;
  if (host === undefined) return options;
  return { ...options, settings: { ...options.settings, baseUrl: normaliseBaseUrl(host) } };
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function refuse(where: string, rule: string): never {
  throw new TraceletError("invalid-option", `${where}: ${rule}.`, { backend: "wandb" });
}
