import type { UpdateRecord } from "../records/record.js";
import type { RunSettings } from "../settings/run-settings.js";

/** What `wandb.init` has decided on the script's thread before the worker opens the run. Plain data. */
export interface NativeStart {
  readonly settings: RunSettings;
  /** The key given in the script's settings. For requests only: it is never written. */
  readonly apiKey?: string;
  /** The configuration, for the run record. */
  readonly config: UpdateRecord;
  /** Names of the telemetry features that the arguments of `init` stand for. */
  readonly features: readonly string[];
}
