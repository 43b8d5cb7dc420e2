import type { AnyBackendDefinition, Backend, BackendDefinition } from "../backend/contract.js";
import type { BackendName, BackendOptionsMap } from "../backend/registry.js";
import type { Route } from "../backend/route.js";
import { RANK_SCOPES, type RankScope, RUN_MODES, type RunMode } from "../distributed/plan-run.js";
import type { JsonObject } from "../events/event.js";
import type { StandardSchema } from "./standard-schema.js";
import * as z from "./zod.js";

/** A backend: its registered name, the path or URL of its module, a definition, or an open backend object. */
export type BackendChoice = BackendName | (string & {}) | Backend | AnyBackendDefinition;

/** Options of one backend, by its name or definition; anything for backends the types do not know. */
export type OptionsOf<B> = B extends BackendName
  ? BackendOptionsMap[B]
  : B extends BackendDefinition<infer Options>
    ? Options
    : { readonly [option: string]: unknown };

/** `config`: the backend's own options, or with several backends an object of options by backend name. */
export type ConfigOf<B> = B extends readonly (infer Each)[]
  ? { readonly [Name in Each as Name extends string ? Name : never]?: OptionsOf<Name> }
  : OptionsOf<B>;

/** Options of `startLogging`. What is not given comes from the environment variable named, then from the default. */
export interface StartOptions<B = BackendChoice | readonly BackendChoice[]> {
  /** Name of the experiment, shown to people. `TRACELET_EXPERIMENT_NAME`; default: the backend makes one up. */
  readonly expName?: string;
  /** What belongs together under one heading. `TRACELET_PROJECT`; default `default`. */
  readonly project?: string;
  /**
   * Identity of the run. `TRACELET_RUN_ID`; default: 8 random characters of a-z and 0-9, in a distributed job the launcher's
   * name of the job. Ranks with runs of their own get it with their rank at its end.
   */
  readonly id?: string;
  /**
   * Which processes of a distributed job log: `auto` its first one, `shared` all to one run, `new` all, each to a run of its own
   * in one group. A rank that does not log has the same API, as no-ops. `TRACELET_RUN_MODE`; default `auto`.
   */
  readonly runMode?: RunMode;
  /** Whether `runMode` means the whole job or each of its workers (nodes). `TRACELET_RANK_SCOPE`; default `global`. */
  readonly rankScope?: RankScope;
  /**
   * Other processes and threads may join the run: `handle()` then gives what they need. A run of W&B is in shared mode from its
   * start, so that its rows have no step of their own (the step is kept as `global_step`). `TRACELET_SHAREABLE`; default false.
   */
  readonly shareable?: boolean;
  /** Labels of the run. `TRACELET_TAGS` (comma list); default none. */
  readonly tags?: readonly string[];
  /** Inputs of the run, as `logParams` takes them. */
  readonly params?: JsonObject;
  /** Root folder of everything written locally. `TRACELET_DIR`; default the working directory. */
  readonly dir?: string;
  /** Options of the backend; with several backends an object of them by backend name. */
  readonly config?: ConfigOf<B>;
  /** Which events a backend gets: one route for all, or routes by backend name. Default everything. */
  readonly route?: Route | { readonly [backend: string]: Route };
  /** Backend to use when the chosen one cannot start. Default none: its events are dropped, counted and reported. */
  readonly fallback?: string;
  /** Throw on trouble instead of reporting it: at the next call, and at `flush` and `finish`. `TRACELET_STRICT`; default false. */
  readonly strict?: boolean;
  /** Sample the machine (CPU, memory, disk, network, GPUs): `false`, or the interval. `TRACELET_SYSTEM`; default every 15 s. */
  readonly system?: boolean | { readonly intervalMs: number };
  /** Record commit, branch, dirtiness and remote of the working directory. `TRACELET_GIT`; default true. */
  readonly git?: boolean;
  /** Record Node version, platform, arguments and packages, without secrets. `TRACELET_ENVIRONMENT`; default true. */
  readonly environment?: boolean;
  /** Record what the script prints. `TRACELET_CONSOLE`; default false. */
  readonly console?: boolean;
  /**
   * Mark the run killed and write everything at SIGINT, SIGTERM and SIGHUP. As with any handler in Node, a signal then
   * waits until the script's thread is idle; `false` leaves signals alone, for scripts that compute for long without
   * yielding (the last 10 ms may then be missing). `TRACELET_SIGNALS`; default true.
   */
  readonly signals?: boolean;
  /** Nothing is logged, every call works. `TRACELET_DISABLED`; default false. */
  readonly disabled?: boolean;
  /** How long the end of the run may take at most (milliseconds). `TRACELET_DEADLINE_MS`; default 30,000. */
  readonly deadlineMs?: number;
  /** How long a backend may take for one write before its backlog is dropped (milliseconds). Default 10,000. */
  readonly stallMs?: number;
}

const route = z.strictObject({
  kinds: z.optional(z.array(z.string())),
  tags: z.optional(z.array(z.string())),
  sample: z.optional(z.int().check(z.gte(1))),
});

/** The options as the types above say, for callers without types. `backend` is taken out before. */
export const startOptionsSchema = z.strictObject({
  expName: z.optional(z.string()),
  project: z.optional(z.string().check(z.minLength(1))),
  id: z.optional(z.string().check(z.minLength(1))),
  runMode: z.optional(z.oneOf(RUN_MODES)),
  rankScope: z.optional(z.oneOf(RANK_SCOPES)),
  shareable: z.optional(z.boolean()),
  tags: z.optional(z.array(z.string())),
  params: z.optional(z.record(z.string(), z.unknown())),
  dir: z.optional(z.string().check(z.minLength(1))),
  config: z.optional(z.record(z.string(), z.unknown())),
  route: z.optional(z.union([route, z.record(z.string(), route)])),
  fallback: z.optional(z.string()),
  strict: z.optional(z.boolean()),
  system: z.optional(z.union([z.boolean(), z.strictObject({ intervalMs: z.number().check(z.gte(100)) })])),
  git: z.optional(z.boolean()),
  environment: z.optional(z.boolean()),
  console: z.optional(z.boolean()),
  signals: z.optional(z.boolean()),
  disabled: z.optional(z.boolean()),
  deadlineMs: z.optional(z.number().check(z.gt(0))),
  stallMs: z.optional(z.number().check(z.gt(0))),
}) as unknown as StandardSchema<StartOptions>;
