import { isDeepStrictEqual } from "node:util";
import { isMainThread, threadId } from "node:worker_threads";
import { registryEntry } from "../backend/registry.js";
import type { Route } from "../backend/route.js";
import type { BackendPlan } from "../channel/protocol.js";
import { maskParams } from "../collectors/secrets.js";
import { TraceletError } from "../errors.js";
import type { JsonObject, JsonValue } from "../events/event.js";
import { checkJsonObject } from "../events/json.js";
import type { ResolvedSettings } from "../settings/resolve.js";
import type { StartOptions } from "../settings/start-options.js";

/** What a handle says of the run that a process joins. */
export type JoinedRun =
  | { readonly disabled: true }
  | {
      readonly disabled?: undefined;
      readonly id: string;
      /** Names of backends, or addresses of their modules. */
      readonly backends: readonly string[];
      /** What every writer of the run has alike. */
      readonly options: Pick<
        StartOptions,
        "expName" | "project" | "tags" | "dir" | "config" | "route" | "fallback"
      >;
    };

/** Changes when a handle of this version cannot be read by an older one. */
const VERSION = 1;

/** A run as a text from which another process or thread joins it; see `Experiment.handle`. */
export function writeHandle(settings: ResolvedSettings, env: NodeJS.ProcessEnv): string {
  return JSON.stringify({ tracelet: VERSION, ...describe(settings, env) });
}

function describe(
  { run, plan, worker, script, labels, disabled }: ResolvedSettings,
  env: NodeJS.ProcessEnv,
): JoinedRun {
  if (disabled) return { disabled };
  if (!plan.shared) {
    throw refused(
      'handle(): this run has one writer. Start it with shareable: true (or TRACELET_SHAREABLE=1; wandb.init with mode: "shared"), so that others can join it.',
    );
  }
  /** A backend as it is called where the run is joined. */
  const joining = (source: Source, options: unknown, route?: Route, fallback?: BackendPlan): Joining => {
    const others = { route, fallback: fallback && joining(fallback.source, fallback.options).name };
    if ("module" in source) return { name: source.module, options: openOptions(options), ...others };
    const name = source.registered;
    const join = registryEntry(name).joinOptions;
    return {
      name,
      options: openOptions(join === undefined ? options : join(options as never, run, env)),
      ...others,
    };
  };
  const found = labels.map((label) => {
    const planned = worker.find((backend) => backend.label === label);
    if (planned !== undefined)
      return joining(planned.source, planned.options, planned.route, planned.fallback);
    const { source, route } = script.find((backend) => backend.label === label)!;
    if (source !== undefined) return joining(source, source.options, route);
    throw refused(
      `handle(): the backend "${label}" is an object of this process. Others can join a run whose backends are names or paths of modules.`,
    );
  });

  const backends = found.map(({ name }) => name);
  const configs = Object.fromEntries(found.map(({ name, options }) => [name, options]));
  const routes = found.flatMap(({ name, route }) => (route === undefined ? [] : [[name, route] as const]));
  const fallback = found.map((each) => each.fallback).find((name) => name !== undefined);
  return {
    id: run.id,
    backends,
    options: {
      ...(run.name !== undefined && { expName: run.name }),
      ...(run.chosen?.includes("project") !== false && { project: run.project }),
      tags: run.tags,
      dir: run.dir,
      config: backends.length === 1 ? configs[backends[0]!]! : configs,
      ...(routes.length > 0 && { route: Object.fromEntries(routes) }),
      ...(fallback !== undefined && { fallback }),
    },
  };
}

type Source = BackendPlan["source"];

interface Joining {
  readonly name: string;
  readonly options: JsonObject;
  readonly route: Route | undefined;
  readonly fallback: string | undefined;
}

/** Options as JSON, without what holds a secret: each writer finds its own. */
function openOptions(options: unknown): JsonObject {
  const plain = checkJsonObject(options ?? {}, "handle()");
  return withoutMasked(plain, maskParams(plain));
}

function withoutMasked(plain: JsonObject, masked: JsonObject): JsonObject {
  const isObject = (value: JsonValue | undefined): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return Object.fromEntries(
    Object.entries(plain).flatMap(([key, value]) => {
      const other = masked[key];
      if (isDeepStrictEqual(value, other)) return [[key, value] as const];
      return isObject(value) && isObject(other) ? [[key, withoutMasked(value, other)] as const] : [];
    }),
  );
}

/** What `writeHandle` wrote. Throws `invalid-option` for anything else. */
export function readHandle(text: string | undefined): JoinedRun {
  if (text === undefined || text === "") {
    throw refused(
      "attachExperiment(): there is no run to join. Give it what handle() gave, or start this process with it in TRACELET_HANDLE.",
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { tracelet, ...joined } = (value ?? {}) as JsonObject;
  if (typeof tracelet === "number" && tracelet !== VERSION) {
    throw refused(
      "attachExperiment(): the handle is of another version of tracelet. Use one version for all writers.",
    );
  }
  if (tracelet === VERSION && isJoined(joined)) return joined;
  throw refused("attachExperiment(): this is no handle. Give it what handle() gave, unchanged.");
}

/** The options are checked where all options are. */
function isJoined(joined: object): joined is JoinedRun {
  const { disabled, id, backends, options } = joined as { readonly [key: string]: unknown };
  if (disabled === true) return true;
  const named =
    Array.isArray(backends) && backends.length > 0 && backends.every((name) => typeof name === "string");
  return typeof id === "string" && id !== "" && named && typeof options === "object" && options !== null;
}

/** A label that no other writer on this machine has. */
export function writerLabel(): string {
  return isMainThread ? `process-${process.pid}` : `process-${process.pid}-thread-${threadId}`;
}

const refused = (problem: string): TraceletError => new TraceletError("invalid-option", problem);
