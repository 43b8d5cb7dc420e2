import type { ArtifactPlan } from "../artifacts/manifest.js";
import type { SavedArtifact } from "../artifacts/upload/saver.js";
import type { MetricOptions } from "../history/metrics.js";
import type { CapturedRow, CapturedValue } from "../media/capture.js";
import type { AlertRecord, FilesRecord, UpdateRecord } from "../records/record.js";

import type { LoggedValue } from "../values/json.js";

/** What the SDK on the script's thread asks of the run on the worker, besides rows of numbers. Plain data. */
export interface NativeCalls {
  log: { readonly row: CapturedRow; readonly step?: number; readonly commit?: boolean };
  defineMetric: { readonly name: string; readonly options: MetricOptions };
  config: { readonly record: UpdateRecord };
  /** Values of the summary by the path of their keys. */
  summary: { readonly values: readonly (readonly [path: readonly string[], value: CapturedValue])[] };
  removeSummary: { readonly path: readonly string[] };
  fields: { readonly displayName?: string; readonly notes?: string; readonly tags?: string[] };
  alert: { readonly alert: AlertRecord };
  /** Files of the run that `save` has put in place. */
  files: { readonly record: FilesRecord };
  artifact: {
    readonly plan: ArtifactPlan;
    readonly aliases: readonly string[];
    readonly tags: readonly string[];
    readonly useAfterCommit: boolean;
  };
  /** Sets a value below `_wandb` in the configuration. */
  internalConfig: { readonly path: readonly string[]; readonly value: string };
  output: { readonly text: string };
  preempting: Record<string, never>;
}

export type NativeName = keyof NativeCalls;

/** What the SDK asks: the summary's value at a path, or the step of the next row. */
export type NativeQuestion = { readonly summary: readonly string[] } | "step";

/** What the SDK asks for that takes as long as the network does: how the server knows the run, or an artifact's upload. */
export type NativeRequest = "run" | { readonly artifact: string };

/** The run as the server knows it; nothing when it does not yet. */
export interface RunAnswer {
  readonly run?: {
    readonly entity: string;
    readonly project: string;
    readonly runId: string;
    readonly storageId: string;
    readonly displayName: string | undefined;
    readonly url: string;
    readonly resumed: boolean;
    readonly sweepId: string | undefined;
    /** Step of the first row. */
    readonly startingStep: number;
    /** Values that the run had before. */
    readonly config: { readonly [key: string]: LoggedValue };
    readonly tags: readonly string[];
    readonly notes: string | undefined;
  };
  /** Why the run may not begin: what `resume` asks for does not hold. */
  readonly refused?: string;
}

export interface ArtifactAnswer {
  readonly artifact?: SavedArtifact;
  readonly problem?: string;
}
