import type { NativeOptions } from "./options.js";
import { senderLink } from "./sender/sender-link.js";

/**
 * Loads the backend, and beside it starts the thread that sends when the run is likely to be sent: both take tens of
 * milliseconds, which would otherwise come one after the other.
 */
export function loadWandb(options: unknown): Promise<typeof import("./backend.js")> {
  // Without options nobody starts a run: somebody looks at what the backend can do.
  if (options === undefined) return import("./backend.js");
  const { native, mode } = options as NativeOptions;
  const wished = native?.settings.mode ?? mode ?? process.env["WANDB_MODE"] ?? "online";
  if (["online", "run", "shared"].includes(wished)) senderLink();
  return import("./backend.js");
}
