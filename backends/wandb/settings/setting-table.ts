/*
 * The settings of a run as the official client knows them: name, kind, and the environment variables that set them.
 * A setting without a variable of its own follows the rule `WANDB_<NAME>`; private ones (`x_` in files) have
 * `WANDB_X_<NAME>` and `WANDB__<NAME>`. Settings files use the same names in snake case.
 */

export type SettingKind = "text" | "flag" | "number" | "list" | "headers" | readonly string[];

export interface SettingEntry {
  readonly kind: SettingKind;
  /** Its variable, where the rule does not give it. */
  readonly variable?: string;
  /** Its name in settings files, where it is not the snake case of its name here. */
  readonly file?: string;
  readonly isPrivate?: true;
  /**
   * A credential: settings files do not hold it, and its variable counts in an order of its own
   * (`server/credentials.ts`), so that only a script gives it here.
   */
  readonly isCredential?: true;
}

const text = { kind: "text" } as const;
const flag = { kind: "flag" } as const;
const number = { kind: "number" } as const;
const list = { kind: "list" } as const;
const privateFlag = { kind: "flag", isPrivate: true } as const;
const privateNumber = { kind: "number", isPrivate: true } as const;

export const SETTINGS = {
  mode: { kind: ["online", "offline", "shared", "disabled", "dryrun", "run"] },
  entity: text,
  project: text,
  runId: text,
  name: { kind: "text", file: "run_name" },
  notes: { kind: "text", file: "run_notes" },
  tags: { kind: "list", file: "run_tags" },
  group: { kind: "text", variable: "WANDB_RUN_GROUP", file: "run_group" },
  jobType: { kind: "text", file: "run_job_type" },
  resume: { kind: ["allow", "must", "never", "auto", "true", "false"] },
  resumeFrom: text,
  forkFrom: text,
  reinit: {
    kind: ["default", "return_previous", "finish_previous", "create_new", "true", "false"],
  },
  dir: { kind: "text", file: "root_dir" },
  useDotWandb: flag,
  sweepId: text,
  sweepParamPath: text,
  configPaths: list,
  allowValChange: flag,
  baseUrl: text,
  apiKey: { kind: "text", isCredential: true },
  identityTokenFile: { kind: "text", isCredential: true },
  credentialsFile: text,
  httpProxy: text,
  httpsProxy: text,
  insecureDisableSsl: flag,
  extraHttpHeaders: { kind: "headers", isPrivate: true },
  /** Seconds, as all times here. */
  initTimeout: number,
  finishTimeout: number,
  finishTimeoutRaises: flag,
  loginTimeout: number,
  stopOnFatalError: flag,
  host: text,
  program: text,
  docker: text,
  args: text,
  username: text,
  email: { kind: "text", variable: "WANDB_USER_EMAIL" },
  saveCode: flag,
  disableCode: flag,
  disableGit: flag,
  gitCommit: text,
  gitRemoteUrl: text,
  gitRemote: text,
  gitRoot: text,
  console: { kind: ["auto", "off", "wrap", "redirect", "wrap_raw", "wrap_emu"] },
  silent: flag,
  quiet: flag,
  ignoreGlobs: list,
  symlink: flag,
  label: { kind: "text", isPrivate: true },
  primary: privateFlag,
  updateFinishState: privateFlag,
  disableStats: privateFlag,
  disableMeta: privateFlag,
  disableMachineInfo: privateFlag,
  saveRequirements: privateFlag,
  statsSamplingInterval: privateNumber,
  graphqlRetryMax: privateNumber,
  graphqlRetryWaitMinSeconds: privateNumber,
  graphqlRetryWaitMaxSeconds: privateNumber,
  graphqlTimeoutSeconds: { kind: "number", isPrivate: true, variable: "WANDB_HTTP_TIMEOUT" },
  fileStreamRetryMax: privateNumber,
  fileStreamRetryWaitMinSeconds: privateNumber,
  fileStreamRetryWaitMaxSeconds: privateNumber,
  fileStreamTimeoutSeconds: privateNumber,
  fileStreamTransmitInterval: privateNumber,
  fileStreamMaxBytes: privateNumber,
  fileStreamMaxLineBytes: privateNumber,
  fileStreamNoGzip: privateFlag,
  fileTransferRetryMax: privateNumber,
  fileTransferRetryWaitMinSeconds: privateNumber,
  fileTransferRetryWaitMaxSeconds: privateNumber,
  fileTransferTimeoutSeconds: { kind: "number", isPrivate: true, variable: "WANDB_FILE_PUSHER_TIMEOUT" },
  serverSideDerivedSummary: privateFlag,
  serverSideExpandGlobMetrics: privateFlag,
} as const satisfies { readonly [name: string]: SettingEntry };

export type SettingName = keyof typeof SETTINGS;

type ValueOf<Kind> = Kind extends "text"
  ? string
  : Kind extends "flag"
    ? boolean
    : Kind extends "number"
      ? number
      : Kind extends "list"
        ? readonly string[]
        : Kind extends "headers"
          ? { readonly [name: string]: string }
          : Kind extends readonly (infer Choice)[]
            ? Choice
            : never;

/** Values of settings; what is absent is not set. */
export type SettingValues = { readonly [Name in SettingName]?: ValueOf<(typeof SETTINGS)[Name]["kind"]> };

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Names under which a setting stands in the environment, the first that is set counts. */
export function variablesOf(name: SettingName): readonly string[] {
  const entry: SettingEntry = SETTINGS[name];
  const upper = snake(name).toUpperCase();
  const own = entry.variable === undefined ? [] : [entry.variable];
  if (entry.isPrivate) return [...own, `WANDB_X_${upper}`, `WANDB__${upper}`];
  return own.length > 0 ? own : [`WANDB_${upper}`];
}

/** Name of a setting in settings files. */
export function fileNameOf(name: SettingName): string {
  const entry: SettingEntry = SETTINGS[name];
  return entry.file ?? (entry.isPrivate ? `x_${snake(name)}` : snake(name));
}
