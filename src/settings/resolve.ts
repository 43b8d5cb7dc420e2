import { resolve as resolvePath } from "node:path";
import { pathToFileURL } from "node:url";
import type { AnyBackendDefinition, Backend, BackendContext, RunDescription } from "../backend/contract.js";
import { after } from "../backend/maybe-async.js";
import type { BackendCandidate, CreatedBackend } from "../backend/open-first.js";
import { registryEntry } from "../backend/registry.js";
import type { Route } from "../backend/route.js";
import type { BackendPlan, CollectPlan } from "../channel/protocol.js";
import { maskParams, refreshSecrets } from "../collectors/secrets.js";
import { planProcess } from "../distributed/plan-process.js";
import type { RunPlan } from "../distributed/plan-run.js";
import { roleOf } from "../distributed/rank-role.js";
import { TraceletError } from "../errors.js";
import { EVENT_KINDS } from "../events/event.js";
import { checkJsonObject } from "../events/json.js";
import { readEnvironment, withoutUndefined } from "./environment.js";
import { type BackendChoice, type StartOptions, startOptionsSchema } from "./start-options.js";
import { closest } from "./unknown-option.js";
import { optionNames, validateOptions } from "./validate.js";

const DEFAULT_BACKEND = "tensorboard";
const SYSTEM_INTERVAL_MS = 15_000;

/** A backend that runs on the script's thread. */
export interface ScriptBackend {
  readonly label: string;
  readonly route?: Route;
  readonly candidates: readonly BackendCandidate[];
  /** Where another process finds it; undefined for an object of this one. */
  readonly source?: { readonly registered: string; readonly options: unknown };
}

/** Everything `startLogging` decides before anything starts. */
export interface ResolvedSettings {
  readonly run: RunDescription;
  /** What the rank policy has decided for this process. */
  readonly plan: RunPlan;
  /** All backends, in the order of the call. */
  readonly labels: readonly string[];
  readonly worker: readonly BackendPlan[];
  readonly script: readonly ScriptBackend[];
  readonly collect: CollectPlan;
  readonly disabled: boolean;
  readonly strict: boolean;
  readonly console: boolean;
  readonly signals: boolean;
  readonly deadlineMs: number;
  readonly stallMs: number;
}

/**
 * Argument over config over environment over default. Throws `TraceletError` for what the caller must fix.
 *
 * @param planned what the rank policy has decided for this run already
 */
export function resolveSettings(
  backends: BackendChoice | readonly BackendChoice[] | undefined,
  given: StartOptions,
  env: NodeJS.ProcessEnv,
  planned?: RunPlan,
): ResolvedSettings {
  refreshSecrets();
  const fromEnvironment = readEnvironment(env);
  const choices = asList(backends ?? fromEnvironment.backend ?? DEFAULT_BACKEND);
  if (choices.length === 0)
    throw new TraceletError("invalid-option", "startLogging: the list of backends is empty");
  refuseBackendOptions(choices, given);
  const checked = validateOptions(startOptionsSchema, given, "startLogging");
  const { shared, config } = splitConfig(choices, ownConfig(choices, checked.config as Options | undefined));
  const settings = {
    ...fromEnvironment,
    ...(Object.keys(shared).length > 0 && validateOptions(startOptionsSchema, shared, "config")),
    ...withoutUndefined(checked),
  };
  const labels = choices.map(labelOf);
  const duplicate = labels.find((label, index) => labels.indexOf(label) !== index);
  if (duplicate !== undefined) {
    throw new TraceletError("invalid-option", `startLogging: backend "${duplicate}" is given twice`);
  }

  const { runMode, rankScope, shareable } = settings;
  const { plan, distributed } =
    planned === undefined
      ? planProcess({ runMode, rankScope, shareable, id: settings.id, jobId: backendId(choices, env), env })
      : { plan: planned, distributed: false };
  const rank = roleOf(plan);
  const chosen = (["id", "project", "dir"] as const).filter(
    // Of what ranks, or those who join a run, have agreed on, a backend's own variables must change nothing.
    (name) => settings[name] !== undefined || (name === "id" && (distributed || plan.shared)),
  );
  const run: RunDescription = {
    id: plan.runId,
    name: settings.expName,
    project: settings.project ?? "default",
    tags: settings.tags ?? [],
    params: maskParams(checkJsonObject(settings.params ?? {}, "params")),
    dir: resolvePath(settings.dir ?? "."),
    startTime: Date.now() / 1000,
    chosen,
    ...(rank !== undefined && { rank }),
  };

  const routes = routesOf(settings.route, labels);
  const worker: BackendPlan[] = [];
  const script: ScriptBackend[] = [];
  for (const [index, choice] of choices.entries()) {
    const label = labels[index]!;
    const options = choices.length === 1 ? config : ((config?.[label] ?? {}) as Options);
    const route = routes[label];
    definitionOf(choice)?.check?.(run);
    const resolved = resolveBackend(choice, label, options, env, settings.fallback);
    if ("candidates" in resolved) script.push({ ...resolved, ...(route && { route }) });
    else worker.push({ ...resolved, ...(route && { route }) });
  }

  return {
    run,
    plan,
    labels,
    worker,
    script,
    collect: {
      ...systemPlan(settings.system ?? true),
      ...((settings.git ?? true) && { git: true }),
      ...((settings.environment ?? true) && {
        environment: { argv: process.argv, execArgv: process.execArgv },
      }),
    },
    disabled: settings.disabled === true || !plan.logs,
    strict: settings.strict ?? false,
    console: settings.console ?? false,
    signals: settings.signals ?? true,
    deadlineMs: settings.deadlineMs ?? 30_000,
    stallMs: settings.stallMs ?? 10_000,
  };
}

type Options = { readonly [option: string]: unknown };

const asList = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
const has = (value: unknown, ...methods: readonly string[]) =>
  typeof value === "object" && value !== null && methods.every((name) => name in value);
const isBackend = (value: unknown): value is Backend => has(value, "open", "write", "close");
const isDefinition = (value: unknown): value is AnyBackendDefinition => has(value, "create");
const isModule = (name: string) => /^(\.{0,2}[\\/]|file:|[A-Za-z]:[\\/])/.test(name);

/** What is known of a chosen backend before it is loaded; modules and backend objects say nothing. */
function definitionOf(
  choice: BackendChoice,
): Pick<AnyBackendDefinition, "check" | "idVariable" | "options"> | undefined {
  if (typeof choice === "string") return isModule(choice) ? undefined : registryEntry(choice);
  return isDefinition(choice) ? choice : undefined;
}

/** The run's id in a backend's own variable. */
function backendId(choices: readonly BackendChoice[], env: NodeJS.ProcessEnv): string | undefined {
  const names = choices
    .map((choice) => definitionOf(choice)?.idVariable)
    .filter((name) => name !== undefined);
  return names.map((name) => env[name]?.trim() || undefined).find((id) => id !== undefined);
}

/** An option of a backend at the top, where it is most often put by mistake, is told its place. */
function refuseBackendOptions(choices: readonly BackendChoice[], given: StartOptions): void {
  const shared = optionNames(startOptionsSchema);
  for (const key of Object.keys(given ?? {})) {
    if (shared.includes(key)) continue;
    for (const choice of choices) {
      const definition = definitionOf(choice);
      if (!optionNames(definition?.options).includes(key)) continue;
      const label = labelOf(choice);
      const place = choices.length === 1 ? `{ ${key} }` : `{ ${label}: { ${key} } }`;
      throw new TraceletError(
        "invalid-option",
        `startLogging: "${key}" is an option of the backend ${label}; put it into config: ${place}`,
      );
    }
  }
}

function labelOf(choice: BackendChoice): string {
  if (typeof choice === "string") return choice;
  if (isDefinition(choice)) return choice.name;
  if (isBackend(choice)) return "custom";
  throw new TraceletError(
    "invalid-option",
    "startLogging: a backend is a name, the path of a module, what defineBackend() returned, or an object with open, write and close",
  );
}

/** The options of a list's only backend may stand under its name, as those of several do. */
function ownConfig(choices: readonly BackendChoice[], config: Options | undefined): Options | undefined {
  const keys = Object.keys(config ?? {});
  if (choices.length > 1 || keys.length !== 1 || keys[0] !== labelOf(choices[0]!)) return config;
  const named = config![keys[0]];
  return typeof named === "object" && named !== null ? (named as Options) : config;
}

/** Settings shared by all backends may stand in `config` too, unless the backend has an option of that name itself. */
function splitConfig(
  choices: readonly BackendChoice[],
  config: Options | undefined,
): { shared: Options; config: Options | undefined } {
  const [only] = choices;
  if (config === undefined) return { shared: {}, config };
  if (choices.length > 1) {
    const labels = choices.map(labelOf);
    const stray = Object.keys(config).find((key) => !labels.includes(key));
    if (stray !== undefined) {
      throw new TraceletError(
        "invalid-option",
        `config: "${stray}" is none of the backends (${labels.join(", ")}); with several backends, config holds an object of options for each`,
      );
    }
    return { shared: {}, config };
  }
  if (typeof only !== "string" || isModule(only)) return { shared: {}, config };
  const own = registryEntry(only).options as { readonly shape?: object } | undefined;
  const shared: Record<string, unknown> = {};
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const isShared =
      ["expName", "project", "tags", "dir"].includes(key) && !Object.hasOwn(own?.shape ?? {}, key);
    (isShared ? shared : rest)[key] = value;
  }
  return { shared, config: rest };
}

function resolveBackend(
  choice: BackendChoice,
  label: string,
  options: Options | undefined,
  env: NodeJS.ProcessEnv,
  fallback: string | undefined,
): BackendPlan | ScriptBackend {
  const other =
    fallback === undefined ? undefined : resolveBackend(fallback, fallback, undefined, env, undefined);
  if (typeof choice === "string" && isModule(choice)) {
    const module = choice.startsWith("file:") ? choice : pathToFileURL(resolvePath(choice)).href;
    return workerPlan({ label, source: { module }, options: options ?? {} }, other);
  }
  if (typeof choice === "string") {
    const entry = registryEntry(choice);
    const checked = validateOptions(
      entry.options,
      { ...fromEnv(entry.env, env), ...options },
      `backend ${label}`,
    );
    if (entry.thread === "worker")
      return workerPlan({ label, source: { registered: choice }, options: checked }, other);
    const made = scriptBackend(label, other, (context) => created(entry.load().backend, checked, context));
    return { ...made, source: { registered: choice, options: checked } };
  }
  if (isDefinition(choice)) {
    const checked = validateOptions(
      choice.options,
      { ...fromEnv(choice.env, env), ...options },
      `backend ${label}`,
    );
    return scriptBackend(label, other, (context) => created(choice, checked, context));
  }
  return scriptBackend(label, other, () => ({ backend: choice as Backend }));
}

/** The backend of a definition, at once if the definition makes it at once. */
function created(
  definition: AnyBackendDefinition,
  options: unknown,
  context: BackendContext,
): CreatedBackend | Promise<CreatedBackend> {
  return after(definition.create(options as never, context), (backend) => ({ ...definition, backend }));
}

function workerPlan(plan: BackendPlan, fallback: BackendPlan | ScriptBackend | undefined): BackendPlan {
  if (fallback === undefined) return plan;
  if ("candidates" in fallback) throw fallbackThread(fallback.label, plan.label);
  return { ...plan, fallback };
}

function scriptBackend(
  label: string,
  fallback: BackendPlan | ScriptBackend | undefined,
  create: BackendCandidate["create"],
): ScriptBackend {
  const own = { label, create };
  if (fallback === undefined) return { label, candidates: [own] };
  if (!("candidates" in fallback)) throw fallbackThread(fallback.label, label);
  return { label, candidates: [own, ...fallback.candidates] };
}

const fallbackThread = (fallback: string, label: string) =>
  new TraceletError(
    "invalid-option",
    `fallback "${fallback}" cannot stand in for "${label}": one runs on the script's thread, the other in the logging worker`,
  );

function fromEnv(names: { readonly [option: string]: string } | undefined, env: NodeJS.ProcessEnv): Options {
  if (names === undefined) return {};
  return withoutUndefined(
    Object.fromEntries(
      Object.entries(names).map(([option, name]) => [option, env[name]?.trim() || undefined]),
    ),
  );
}

function routesOf(
  route: StartOptions["route"],
  labels: readonly string[],
): { readonly [label: string]: Route } {
  if (route === undefined) return {};
  const isOne = Object.keys(route).every((key) => ["kinds", "tags", "sample"].includes(key));
  for (const { kinds = [] } of isOne ? [route as Route] : (Object.values(route) as Route[]))
    checkKinds(kinds);
  if (isOne) return Object.fromEntries(labels.map((label) => [label, route as Route]));
  const stray = Object.keys(route).find((key) => !labels.includes(key));
  if (stray !== undefined) {
    throw new TraceletError(
      "invalid-option",
      `route: "${stray}" is none of the backends (${labels.join(", ")})`,
    );
  }
  return route as { readonly [backend: string]: Route };
}

function checkKinds(kinds: readonly string[]): void {
  const known: readonly string[] = EVENT_KINDS;
  const stray = kinds.find((kind) => !known.includes(kind));
  if (stray === undefined) return;
  const meant = closest(stray, known);
  const hint = meant === undefined ? `the kinds are ${known.join(", ")}` : `did you mean "${meant}"?`;
  throw new TraceletError("invalid-option", `route: "${stray}" is no kind of event; ${hint}`);
}

function systemPlan(system: boolean | { readonly intervalMs: number }): CollectPlan {
  if (system === false) return {};
  return { systemIntervalMs: system === true ? SYSTEM_INTERVAL_MS : system.intervalMs };
}
