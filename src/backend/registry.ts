import { createRequire } from "node:module";
// The one place of `src` that knows backends by name, with worker-backends.ts: here their options (they are small, and are
// checked when the script starts logging), there their code.
import { type ConsoleOptions, consoleOptions } from "../../backends/console/options.js";
import { type JsonlOptions, jsonlOptions } from "../../backends/jsonl/options.js";
import { backend as memory } from "../../backends/memory/backend.js";
import { type MemoryOptions, memoryOptions } from "../../backends/memory/options.js";
import {
  joinTensorBoard,
  type TensorBoardOptions,
  tensorboardOptions,
} from "../../backends/tensorboard/options.js";
import { joinWandb } from "../../backends/wandb/join-options.js";
import { checkWandbRun, type WandbOptions, wandbOptions } from "../../backends/wandb/options.js";
import { TraceletError } from "../errors.js";
import type { AnyBackendDefinition, BackendDefinition } from "./contract.js";
import type { LoadedBackend } from "./worker-backends.js";

/**
 * Options of each backend, by name: what `config` may hold in `startLogging(name, { config })`. A package that brings
 * a backend adds its own by declaration merging.
 */
export interface BackendOptionsMap {
  tensorboard: TensorBoardOptions;
  wandb: WandbOptions;
  jsonl: JsonlOptions;
  console: ConsoleOptions;
  memory: MemoryOptions;
}

/** Names of the backends that are there, and of those that were added to `BackendOptionsMap`. */
export type BackendName = keyof BackendOptionsMap;

/** A backend the registry knows. */
export type RegistryEntry = Pick<
  AnyBackendDefinition,
  "options" | "env" | "requires" | "check" | "idVariable" | "joinOptions"
> &
  (
    | { readonly thread: "worker" }
    /** It holds functions or arrays of the script's own, which cannot cross to the worker. */
    | { readonly thread: "script"; readonly load: () => LoadedBackend }
  );

const entries = new Map<string, RegistryEntry>([
  [
    "tensorboard",
    {
      options: tensorboardOptions,
      thread: "worker",
      joinOptions: joinTensorBoard,
    },
  ],
  [
    "wandb",
    {
      options: wandbOptions,
      thread: "worker",
      check: checkWandbRun,
      idVariable: "WANDB_RUN_ID",
      joinOptions: joinWandb,
    },
  ],
  ["jsonl", { options: jsonlOptions, thread: "worker" }],
  ["console", { options: consoleOptions, thread: "worker" }],
  [
    "memory",
    { options: memoryOptions, thread: "script", joinOptions: () => ({}), load: () => ({ backend: memory }) },
  ],
]);

/**
 * Makes a backend known by its name, for `startLogging(name)` and `TRACELET_BACKEND`. It runs on the script's thread
 * (functions cannot cross to the worker); to run in the worker, give its module's path to `startLogging` instead.
 *
 * @param definition what `defineBackend` returned
 * @throws TraceletError `invalid-option` when the name is taken or empty
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * tracelet.registerBackend(
 *   tracelet.defineBackend({
 *     name: "dots",
 *     create: () => ({ open() {}, write: (events) => void process.stdout.write(".".repeat(events.length)), close() {} }),
 *   }),
 * );
 * tracelet.startLogging("dots");
 * ```
 */
export function registerBackend<Options>(definition: BackendDefinition<Options>): void {
  if (definition.name === "") throw new TraceletError("invalid-option", "a backend needs a name");
  if (entries.has(definition.name)) {
    throw new TraceletError("invalid-option", `a backend named "${definition.name}" is already registered`);
  }
  const { name: _name, create: _create, ...rest } = definition;
  entries.set(definition.name, { ...rest, thread: "script", load: () => ({ backend: definition }) });
}

/** The entry of a name; throws `unknown-backend`, naming the known ones, when there is none. */
export function registryEntry(name: string): RegistryEntry {
  const entry = entries.get(name);
  if (entry === undefined) {
    throw new TraceletError(
      "unknown-backend",
      `unknown backend "${name}"; known: ${[...entries.keys()].join(", ")}. Register your own with registerBackend(), or give the path of its module`,
      { backend: name },
    );
  }
  return entry;
}

/** One backend and whether it can be used here. */
export interface BackendAvailability {
  readonly name: string;
  readonly available: boolean;
  /** Packages that have to be installed first. */
  readonly missing: readonly string[];
}

/**
 * All registered backends, and which of them lack a package. Nothing is loaded.
 *
 * @example
 * ```ts
 * import * as tracelet from "tracelet";
 *
 * console.table(tracelet.availableBackends());
 * ```
 */
export function availableBackends(): BackendAvailability[] {
  const require = createRequire(import.meta.url);
  return [...entries].map(([name, entry]) => {
    const missing = (entry.requires ?? []).filter((packageName) => {
      try {
        require.resolve(packageName);
        return false;
      } catch {
        return true;
      }
    });
    return { name, available: missing.length === 0, missing };
  });
}
