import { loadWandb } from "../../backends/wandb/load.js";
import type { AnyBackendDefinition } from "./contract.js";

/** A module that brings a backend. */
export interface LoadedBackend {
  readonly backend: AnyBackendDefinition;
}

/**
 * The code of the registry's backends that run in the logging worker. It stands apart from the registry because each thread
 * needs one of the two: the script checks options (with zod, which takes the worker 4 ms to load), the worker runs the code.
 */
const loaders: { readonly [name: string]: (options: unknown) => Promise<LoadedBackend> } = {
  tensorboard: () => import("../../backends/tensorboard/backend.js"),
  wandb: loadWandb,
  jsonl: () => import("../../backends/jsonl/backend.js"),
  console: () => import("../../backends/console/backend.js"),
};

/**
 * Loads the code of a backend that the registry has for the worker.
 *
 * @param options the run's, so that what they need may be prepared meanwhile; none when no run is started
 */
export function loadWorkerBackend(name: string, options?: unknown): Promise<LoadedBackend> {
  return loaders[name]!(options);
}
