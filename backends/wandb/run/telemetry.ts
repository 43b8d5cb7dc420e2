import { createRequire } from "node:module";
import { platformName } from "../around/environment-record.js";
import type { TelemetryRecord } from "../records/record.js";

const { version } = createRequire(import.meta.url)("tracelet/package.json") as { version: string };

/** What writes the logs, for their header. */
export const PRODUCER = `tracelet ${version}`;

/**
 * Which features a run has used. W&B keeps them as `_wandb.t` in the run's configuration, and takes a run without them for
 * one that has not started, which nobody can resume.
 */
export class Telemetry {
  readonly #features: Record<string, boolean> = {};
  #changed = false;

  constructor(features: readonly string[]) {
    for (const feature of features) this.#features[feature] = true;
  }

  /** Notes a feature by its name in `telemetry-messages.ts`. */
  use(feature: string): void {
    if (this.#features[feature]) return;
    this.#features[feature] = true;
    this.#changed = true;
  }

  record(): TelemetryRecord {
    return {
      feature: { ...this.#features },
      pythonVersion: `Node.js ${process.versions.node}`,
      cliVersion: PRODUCER,
      platform: platformName(),
    };
  }

  /** The record if something was used since the last time. */
  takeChange(): TelemetryRecord | undefined {
    if (!this.#changed) return undefined;
    this.#changed = false;
    return this.record();
  }
}
