import type { RunDescription, SyncReport } from "../backend/contract.js";
import type { Route } from "../backend/route.js";
import type { Event, Outcome } from "../events/event.js";

/** What the two threads say to each other besides scalars and rows. Plain data only. */

/** How the worker finds a backend: by its name in the registry, or as a module to import. */
export interface BackendPlan {
  /** The name the user gave; reports and messages use it. */
  readonly label: string;
  readonly source: { readonly registered: string } | { readonly module: string };
  readonly options: unknown;
  readonly route?: Route;
  readonly fallback?: BackendPlan;
}

/** What the worker gathers by itself for a run. */
export interface CollectPlan {
  /** Milliseconds between two samples of the machine; absent: none. */
  readonly systemIntervalMs?: number;
  readonly git?: true;
  /** The script's arguments, which the worker cannot see. */
  readonly environment?: { readonly argv: readonly string[]; readonly execArgv: readonly string[] };
}

export interface RunPlan {
  readonly run: RunDescription;
  readonly backends: readonly BackendPlan[];
  readonly collect: CollectPlan;
  readonly stallMs: number;
}

/** Script to worker, in the order of the ring. */
export type Command =
  | { readonly type: "open"; readonly experiment: number; readonly plan: RunPlan }
  | { readonly type: "series"; readonly experiment: number; readonly series: number; readonly tag: string }
  | { readonly type: "event"; readonly experiment: number; readonly event: Event }
  | {
      readonly type: "flush";
      readonly experiment: number;
      readonly deadlineMs: number;
      readonly reply: Reply;
    }
  /** A question to one backend, in its own terms; the answer comes with the reply. */
  | {
      readonly type: "ask";
      readonly experiment: number;
      readonly backend: string;
      readonly question: unknown;
      readonly reply: Reply;
    }
  /** As `ask`, for what takes long. */
  | {
      readonly type: "serve";
      readonly experiment: number;
      readonly backend: string;
      readonly request: unknown;
      readonly reply: Reply;
    }
  | {
      readonly type: "finish";
      readonly experiment: number;
      readonly outcome: Outcome;
      readonly deadlineMs: number;
      readonly reply: Reply;
    }
  /** Hand everything logged so far to the backends, without waiting for those that are busy. */
  | { readonly type: "drain"; readonly reply: Reply }
  /** Finish every open run: the process is about to end. */
  | {
      readonly type: "shutdown";
      readonly outcome: Outcome;
      readonly deadlineMs: number;
      readonly reply: Reply;
    };

/**
 * How a command is answered: a notice with this number; for `sync` also the number in the `answered` control word,
 * on which the script's thread sleeps (so at most one synchronous request is open at a time).
 */
export interface Reply {
  readonly id: number;
  readonly sync: boolean;
}

export type Reports = { readonly [backend: string]: SyncReport };

/** Worker to script, over a message port. */
export type Notice =
  | { readonly type: "opened"; readonly experiment: number; readonly backend: string; readonly ok: boolean }
  | {
      readonly type: "location";
      readonly experiment: number;
      readonly backend: string;
      readonly where: string;
    }
  | { readonly type: "address"; readonly experiment: number; readonly backend: string; readonly url: string }
  | {
      readonly type: "trouble";
      readonly experiment: number;
      readonly backend: string;
      readonly message: string;
    }
  | {
      readonly type: "drops";
      readonly experiment: number;
      readonly backend: string;
      readonly counts: { readonly [reason: string]: number };
    }
  | { readonly type: "finished"; readonly experiment: number; readonly reports: Reports }
  | { readonly type: "reply"; readonly id: number; readonly answer?: unknown };

/** What a worker is started with. */
export interface WorkerInput {
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  readonly port: import("node:worker_threads").MessagePort;
}
