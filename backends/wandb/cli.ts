import type { BackendCommandLine } from "../../src/backend/command-line.js";
import { findLogs } from "./cli/find-logs.js";
import { inspectLog } from "./cli/inspect-log.js";

/** `tracelet wandb ...`, and what `tracelet inspect` needs of W&B runs. */
export const commandLine: BackendCommandLine = {
  journals: { find: findLogs, inspect: inspectLog },
};
