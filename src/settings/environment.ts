import { RANK_SCOPES, type RankScope, RUN_MODES, type RunMode } from "../distributed/plan-run.js";
import { TraceletError } from "../errors.js";

/** What `TRACELET_*` variables say; each is used where the call does not give the option. */
export interface EnvironmentSettings {
  readonly backend?: readonly string[];
  readonly project?: string;
  readonly expName?: string;
  readonly id?: string;
  readonly runMode?: RunMode;
  readonly rankScope?: RankScope;
  readonly shareable?: boolean;
  readonly tags?: readonly string[];
  readonly dir?: string;
  readonly disabled?: boolean;
  readonly strict?: boolean;
  readonly system?: boolean;
  readonly git?: boolean;
  readonly environment?: boolean;
  readonly console?: boolean;
  readonly signals?: boolean;
  readonly deadlineMs?: number;
}

/** Reads the variables; a value that cannot be understood throws `invalid-option` naming the variable. */
export function readEnvironment(env: NodeJS.ProcessEnv): EnvironmentSettings {
  const text = (name: string) => env[name]?.trim() || undefined;
  const list = (name: string) =>
    text(name)
      ?.split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  const flag = (name: string) => {
    const value = text(name)?.toLowerCase();
    if (value === undefined) return undefined;
    if (["1", "true", "yes", "on"].includes(value)) return true;
    if (["0", "false", "no", "off"].includes(value)) return false;
    throw new TraceletError("invalid-option", `${name}="${env[name]}" is neither true nor false; use 1 or 0`);
  };
  const oneOf = <T extends string>(name: string, known: readonly T[]) => {
    const value = text(name);
    if (value === undefined || known.includes(value as T)) return value as T | undefined;
    throw new TraceletError("invalid-option", `${name}="${value}" must be one of ${known.join(", ")}`);
  };
  const milliseconds = (name: string) => {
    const value = text(name);
    if (value === undefined) return undefined;
    const number = Number(value);
    if (number > 0 && number < 2 ** 31) return number;
    throw new TraceletError("invalid-option", `${name}="${value}" must be a number of milliseconds`);
  };
  return withoutUndefined({
    backend: list("TRACELET_BACKEND"),
    project: text("TRACELET_PROJECT"),
    expName: text("TRACELET_EXPERIMENT_NAME"),
    id: text("TRACELET_RUN_ID"),
    runMode: oneOf("TRACELET_RUN_MODE", RUN_MODES),
    rankScope: oneOf("TRACELET_RANK_SCOPE", RANK_SCOPES),
    shareable: flag("TRACELET_SHAREABLE"),
    tags: list("TRACELET_TAGS"),
    dir: text("TRACELET_DIR"),
    disabled: flag("TRACELET_DISABLED"),
    strict: flag("TRACELET_STRICT"),
    system: flag("TRACELET_SYSTEM"),
    git: flag("TRACELET_GIT"),
    environment: flag("TRACELET_ENVIRONMENT"),
    console: flag("TRACELET_CONSOLE"),
    signals: flag("TRACELET_SIGNALS"),
    deadlineMs: milliseconds("TRACELET_DEADLINE_MS"),
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The object without the keys whose value is undefined, so that spreading it never overwrites. */
export function withoutUndefined<T extends object>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
