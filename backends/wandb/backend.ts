import { type BackendContext, defineBackend, type RunDescription } from "../../src/backend/contract.js";
import type { Event } from "../../src/events/event.js";
import { createFacadeRows } from "./facade/facade-rows.js";
import { createNativeRows } from "./native/native-rows.js";
import { type NativeOptions, wandbOptions } from "./options.js";
import { RunConfig } from "./config/config.js";
import { RunWriter } from "./run/run-writer.js";
import { startRun, syncHint } from "./run/start-run.js";
import { createSurroundings } from "./run/surroundings.js";

/**
 * Writes a W&B run: a folder `wandb/offline-run-*` with the transaction log and files that the official `wandb sync`
 * uploads.
 *
 * @example
 * ```ts
 * tracelet.startLogging("wandb", { project: "vision", config: { group: "sweep-7", mode: "offline" } });
 * ```
 */
export const backend = defineBackend<NativeOptions>({
  name: "wandb",
  options: wandbOptions as never,
});
void [RunConfig, RunWriter, createFacadeRows, createNativeRows, startRun, syncHint, createSurroundings];
void (0 as unknown as BackendContext | RunDescription | Event);
