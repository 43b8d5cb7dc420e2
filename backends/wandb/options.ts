import type { RunDescription } from "../../src/backend/contract.js";
import type { StandardSchema } from "../../src/settings/standard-schema.js";
import {
  boolean,
  custom,
  oneOf,
  optional,
  record,
  strictObject,
  string,
  unknown,
} from "../../src/settings/zod.js";
import { checkProject, checkRunId, checkTags } from "./run/run-id.js";
import type { NativeStart } from "./sdk/native-start.js";

/**
 * Options of the `wandb` backend. What is not given comes from the `WANDB_*` variable of the same name, then from the
 * settings files, then from the default. `project`, `tags`, `dir`, `id` and the run's inputs are those of `startLogging`.
 */
export interface WandbOptions {
  /** User or team that the run belongs to. `WANDB_ENTITY`; default: the one of the key. */
  entity?: string | undefined;
  /** Name shown to people. `WANDB_NAME`; default: the experiment's name, else the server makes one up. */
  name?: string | undefined;
  /** Description of the run. `WANDB_NOTES`. */
  notes?: string | undefined;
  /** Runs that belong together. `WANDB_RUN_GROUP`. */
  group?: string | undefined;
  /** `training`, `evaluation` ... `WANDB_JOB_TYPE`. */
  jobType?: string | undefined;
  /**
   * `online`: sent while it is written. `offline`: kept in the run's folder until `tracelet sync` (or `wandb sync`).
   * `shared`: online, as one of several writers of a run. `disabled`: nothing is kept. `WANDB_MODE`; default `online`.
   */
  mode?: "online" | "offline" | "shared" | "disabled" | "dryrun" | undefined;
  /**
   * Whether the run goes on with one of the same id: `allow` and `auto` if there is one, `must` only then, `never` only
   * if there is none. `WANDB_RESUME`.
   */
  resume?: "allow" | "must" | "never" | "auto" | boolean | undefined;
  /** Goes back to a step of this run and on from there: `<run id>?_step=<number>`. `WANDB_RESUME_FROM`. */
  resumeFrom?: string | undefined;
  /** Begins a run with the history of another up to a step: `<run id>?_step=<number>`. `WANDB_FORK_FROM`. */
  forkFrom?: string | undefined;
  /** Keep the script and the uncommitted changes with the run. `WANDB_SAVE_CODE`; default false. */
  saveCode?: boolean | undefined;
  /** Further settings of the official client by their names in camelCase. */
  settings?: { readonly [name: string]: unknown } | undefined;
}

/** Options with what `wandb.init` adds to them. */
export type NativeOptions = WandbOptions & { native?: NativeStart | undefined };

/** Checks the options of the `wandb` backend. */
export const wandbOptions: StandardSchema<NativeOptions> = strictObject({
  entity: optional(string()),
  name: optional(string()),
  notes: optional(string()),
  group: optional(string()),
  jobType: optional(string()),
  mode: optional(oneOf(["online", "offline", "shared", "disabled", "dryrun"])),
  resume: optional(
    custom<WandbOptions["resume"]>(isResume, { error: "must be allow, must, never, auto or a boolean" }),
  ),
  resumeFrom: optional(string()),
  forkFrom: optional(string()),
  saveCode: optional(boolean()),
  settings: optional(record(string(), unknown())),
  native: optional(custom<NativeStart>((value) => typeof value === "object")),
});

function isResume(value: unknown): boolean {
  return typeof value === "boolean" || ["allow", "must", "never", "auto"].includes(value as string);
}

/** Throws `invalid-option` with the rule that the run's id, project or tags break. */
export function checkWandbRun({ id, project, tags, chosen = [] }: RunDescription): void {
  if (chosen.includes("id")) checkRunId(id);
  if (chosen.includes("project")) checkProject(project);
  checkTags(tags);
}
