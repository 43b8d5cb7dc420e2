import type { Event, EventKind, JsonObject, Outcome, ScalarColumns } from "../events/event.js";
import type { StandardSchema } from "../settings/standard-schema.js";

/** What a backend is told about the run when it opens. Plain data. */
export interface RunDescription {
  /** Identity of the run, unique for the process: 8 characters of a-z and 0-9, or what the caller gave. */
  readonly id: string;
  /** Name shown to people; undefined when the caller gave none. */
  readonly name: string | undefined;
  readonly project: string;
  readonly tags: readonly string[];
  readonly params: JsonObject;
  /** Absolute root folder for everything written locally (`TRACELET_DIR`, default the working directory). */
  readonly dir: string;
  /** Seconds since the epoch. */
  readonly startTime: number;
  /**
   * What of these was given by the caller or a `TRACELET_*` variable. For the rest a backend's own variables and
   * defaults may stand in.
   */
  readonly chosen?: readonly ("id" | "project" | "dir")[];
  /** What this process is among those of a distributed job that log; undefined when it is the only one. */
  readonly rank?: RankRole;
}

/** The part of one process in what the processes of a job log, as the rank policy has decided it. */
export interface RankRole {
  /** Heading of the runs of one job; a group that the user gave to the backend itself comes first. */
  readonly group?: string;
  /** Tells the writers of a shared run apart: `rank-3`, `worker-1-rank-0`. */
  readonly label?: string;
  /** Whether this process speaks for the run: its environment, its code, its end. */
  readonly primary: boolean;
  /** Whether other processes write to the run of this id, too. Only backends with `sharedWriters` see true. */
  readonly shared: boolean;
  /** Of a shared run: an id of this writer's own. */
  readonly ownId?: string;
}

/** How many events reached their destination; all three add up to the events accepted. */
export interface SyncReport {
  /** At the destination: in the file, or acknowledged by the server. */
  readonly synced: number;
  /** Safe in a local journal, not yet at the server. */
  readonly pending: number;
  /** Lost, each counted under its reason. */
  readonly dropped: number;
  /** Where to look: a folder or an address. */
  readonly location?: string;
  /** What to do next, e.g. the command that sends what is pending. */
  readonly hint?: string;
}

/** What `open` has begun and does not wait for. */
export interface Opened {
  /**
   * Settles when the run is where others can see it, for instance when the server knows it: `experiment.ready` waits for
   * it, nothing else does. A rejection is trouble; what is logged goes on into the journal.
   */
  readonly connected?: Promise<unknown>;
}

/**
 * What a backend does. A factory returns it as a plain object; a missing optional method is the sign that the backend
 * does not need it. Methods of one backend are never called concurrently, `sent` and `serve` excepted: each call waits for the
 * one before.
 */
export interface Backend {
  /** Prepares the run. Throws only what the user must fix; events that came before wait. */
  open(run: RunDescription): void | Opened | Promise<void | Opened>;
  /**
   * Takes events in the order of the calls. When it returns (or its promise resolves) they are in the hands of the
   * operating system, so that they survive the process. A throw or rejection counts these events as dropped.
   */
  write(events: readonly Event[]): void | Promise<void>;
  /**
   * Takes consecutive scalars as columns instead of events, in place of `write`. Only for speed. The columns are the
   * host's and reused: read them before the first `await`.
   */
  writeScalars?(columns: ScalarColumns): void | Promise<void>;
  /** Resolves when everything written is durable here; the network has no part in it. */
  flush?(): void | Promise<void>;
  /** Resolves when everything written before has arrived at its server. Other calls go on meanwhile. */
  sent?(): Promise<void>;
  /** Answers a question of the backend's own API; question and answer are plain data. */
  answer?(question: unknown): unknown;
  /** As `answer`, for what takes long, such as an upload: other calls go on meanwhile. */
  serve?(request: unknown): Promise<unknown>;
  /**
   * Ends the run. It is called once, and given up after the deadline of `finish` (milliseconds from now). The host counts the events; the
   * backend only says how many of them are `pending`, i.e. safe in a journal and not yet at the server.
   */
  close(outcome: Outcome, deadlineMs: number): ClosingReport | void | Promise<ClosingReport | void>;
}

/** What a backend adds to the report of its host. */
export type ClosingReport = Partial<Pick<SyncReport, "pending" | "location" | "hint">> & {
  /** The user wants no line about what is pending. */
  readonly quiet?: boolean;
};

/** What a backend may use of its host. */
export interface BackendContext {
  /** Reports trouble: one line on stderr (rate-limited), an event on the experiment, a line in `stats()`. */
  warn(message: string): void;
  /**
   * Says in which folder the run is kept; `experiment.url(name)` until there is an address.
   *
   * @param hint what to do about what is pending, if the backend does not come to say it at its end
   */
  location(folder: string, hint?: string): void;
  /** Says at which address the run can be seen; becomes `experiment.url(name)`. */
  address(url: string): void;
  /**
   * Counts events of the last batch that could not be kept, under a reason, and reports it as `warn` does. Never call it
   * for events `write` threw on.
   */
  drop(count: number, reason: string): void;
}

/** Everything the registry knows of a backend. */
export interface BackendDefinition<Options = unknown> {
  readonly name: string;
  /** Checks and completes the options. Any Standard Schema (zod, valibot, arktype); absent: no options. */
  readonly options?: StandardSchema<Options>;
  /** Environment variable of an option, used when the option is not given. */
  readonly env?: { readonly [option: string]: string };
  /** Kinds that cannot be held, with the reason; they are counted and reported, never silently lost. */
  readonly unsupported?: { readonly [K in EventKind]?: string };
  /** Kinds that are stored in another form, with a description of it; shown in the support matrix. */
  readonly adapted?: { readonly [K in EventKind]?: string };
  /** Packages that must be installed besides tracelet; checked by `availableBackends()`. */
  readonly requires?: readonly string[];
  /**
   * Several processes may write to one run: `open` with `rank.shared` joins the run of that id. Default no: each writer of a
   * shared run then gets a run of its own, with the id `rank.ownId` and the shared run's id as `rank.group`.
   */
  readonly sharedWriters?: boolean;
  /** The backend's own environment variable for a run's id, looked at when the ranks of a job need one to agree on. */
  readonly idVariable?: string;
  /**
   * Options for another writer of the run, which joins it by its handle: what is this writer's alone is left out, what the
   * backend takes from `env` is put in. Plain data; secrets are taken out of it afterwards. Default: the options as they are.
   */
  joinOptions?(options: Options, run: RunDescription, env: NodeJS.ProcessEnv): unknown;
  /** Throws what is wrong with the run for this backend (its name, tags, project); called before anything starts. */
  check?(run: RunDescription): void;
  create(options: Options, context: BackendContext): Backend | Promise<Backend>;
}

/** A definition whatever its options are. */
export type AnyBackendDefinition = Omit<BackendDefinition<never>, "options"> & {
  readonly options?: StandardSchema<unknown>;
};

/**
 * Declares a backend: an identity function that checks the types.
 *
 * @example
 * ```ts
 * export const backend = defineBackend({
 *   name: "count",
 *   create: () => {
 *     let count = 0;
 *     return {
 *       open() {},
 *       write(events) { count += events.length; },
 *       close: () => ({ synced: count, pending: 0, dropped: 0 }),
 *     };
 *   },
 * });
 * ```
 */
export function defineBackend<Options = unknown>(
  definition: BackendDefinition<Options>,
): BackendDefinition<Options> {
  return definition;
}
