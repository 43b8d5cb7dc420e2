import type { ExperimentNotice } from "./channel/channel.js";
import { TraceletError } from "./errors.js";

/** Something a backend could not do; logging goes on. */
export interface Trouble {
  readonly backend: string;
  readonly message: string;
}

/** Where a backend stands. */
export interface BackendStatus {
  readonly state: "starting" | "ready" | "failed";
  /** Folder in which the run is kept. */
  readonly location?: string;
  /** Address at which it can be seen. */
  readonly address?: string;
}

/** Troubles that are kept for `status()`. */
const MAX_TROUBLES = 20;

/** What an experiment knows of its backends, from their notices. */
export interface RunStatus {
  receive(notice: ExperimentNotice): void;
  /** Resolves when every backend is ready or has failed; with `strict` it rejects when one has failed. */
  readonly ready: Promise<void>;
  /** With `strict`: the first trouble that was not thrown yet. Every logging call looks at it. */
  untold: Trouble | undefined;
  /** Throws the untold trouble, once. */
  throwUntold(): void;
  /** Of the first backend by default. */
  backend(name?: string): BackendStatus | undefined;
  /** Copies of everything. */
  describe(): {
    readonly backends: { readonly [backend: string]: BackendStatus };
    readonly troubles: readonly Trouble[];
  };
  /** Calls the listener for each trouble, from a microtask: what it throws is its own. Returns a function that ends it. */
  listen(listener: (trouble: Trouble) => void): () => void;
}

/** @param strict whether trouble is to be thrown */
export function createRunStatus(labels: readonly string[], strict: boolean): RunStatus {
  const backends = new Map<string, BackendStatus>(labels.map((label) => [label, { state: "starting" }]));
  const troubles: Trouble[] = [];
  const listeners = new Set<(trouble: Trouble) => void>();

  let settleReady = () => {};
  const ready = new Promise<void>((resolve, reject) => {
    settleReady = () => {
      const states = [...backends];
      if (states.some(([, { state }]) => state === "starting")) return;
      const failed = states.flatMap(([label, { state }]) => (state === "failed" ? [label] : []));
      const trouble =
        troubles.find(({ backend }) => failed.includes(backend)) ??
        (failed.length > 0 ? { backend: failed[0]!, message: "could not start" } : status.untold);
      if (trouble !== undefined && strict) reject(errorOf(trouble));
      else resolve();
    };
  });
  // Nobody has to await `ready`.
  ready.catch(() => {});

  const update = (backend: string, news: Partial<BackendStatus>) => {
    backends.set(backend, { ...backends.get(backend)!, ...news });
  };
  const add = (trouble: Trouble) => {
    troubles.push(trouble);
    if (troubles.length > MAX_TROUBLES) troubles.shift();
    if (strict) status.untold ??= trouble;
    for (const listener of listeners) queueMicrotask(() => listener(trouble));
  };

  const status: RunStatus = {
    ready,
    untold: undefined,
    throwUntold() {
      const trouble = status.untold;
      status.untold = undefined;
      if (trouble !== undefined) throw errorOf(trouble);
    },
    receive(notice) {
      switch (notice.type) {
        case "opened":
          update(notice.backend, { state: notice.ok ? "ready" : "failed" });
          return settleReady();
        case "location":
          return update(notice.backend, { location: notice.where });
        case "address":
          return update(notice.backend, { address: notice.url });
        case "trouble":
          return add({ backend: notice.backend, message: notice.message });
        case "lost":
          for (const [label, { state }] of backends)
            if (state === "starting") update(label, { state: "failed" });
          settleReady();
          return add({ backend: "tracelet", message: notice.message });
        case "drops":
        case "finished":
          return;
      }
    },
    backend: (name = labels[0] ?? "") => backends.get(name),
    describe: () => ({
      backends: Object.fromEntries([...backends].map(([label, status]) => [label, { ...status }])),
      troubles: [...troubles],
    }),
    listen(listener) {
      // A function of its own, so that one that listens twice can end each by itself.
      const own = (trouble: Trouble) => listener(trouble);
      listeners.add(own);
      return () => listeners.delete(own);
    },
  };
  settleReady(); // for a run without backends
  return status;
}

function errorOf({ backend, message }: Trouble): TraceletError {
  return new TraceletError("backend-failed", `${backend}: ${message}`, { backend });
}
