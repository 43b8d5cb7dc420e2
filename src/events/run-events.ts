import type { EventBase, JsonObject } from "./event-base.js";

/** Inputs of the run (configuration); nested objects stay nested. */
export interface ParamsEvent extends EventBase {
  readonly kind: "params";
  readonly params: JsonObject;
}

/** Results of the run that are not a series. */
export interface SummaryEvent extends EventBase {
  readonly kind: "summary";
  readonly values: JsonObject;
}

/** Labels of the run itself; replaces those given before. */
export interface TagsEvent extends EventBase {
  readonly kind: "tags";
  readonly tags: readonly string[];
}

/** A file, folder, bytes or address kept with the run. */
export interface ArtifactEvent extends EventBase {
  readonly kind: "artifact";
  /** Name of the artifact. */
  readonly name: string;
  /** `model`, `dataset`, `file` ... */
  readonly type: string;
  /** Where the content stands inside the artifact, forward slashes, never absolute, never `..`. */
  readonly path: string;
  readonly source:
    | { readonly file: string }
    | { readonly folder: string }
    | { readonly bytes: Uint8Array }
    | { readonly reference: string };
  readonly description?: string;
  readonly metadata?: JsonObject;
  readonly aliases?: readonly string[];
}

/** Text the script wrote to its terminal, as written (it may hold several lines or a part of one). */
export interface ConsoleEvent extends EventBase {
  readonly kind: "console";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** A sample of the machine's and the process's state; names as `cpu.percent`, units in `docs/concepts.md`. */
export interface SystemEvent extends EventBase {
  readonly kind: "system";
  readonly values: { readonly [name: string]: number };
}

/** What the run ran on and from: git state, runtime, platform, arguments, packages. */
export interface EnvironmentEvent extends EventBase {
  readonly kind: "environment";
  readonly environment: JsonObject;
}

/** How a run ended. */
export interface Outcome {
  readonly status: "finished" | "failed" | "killed";
  readonly exitCode: number;
  /** What ended it, for a failed or killed run: the error's message or the signal's name. */
  readonly reason?: string;
}

/** The last event of a run that ended in an orderly way. */
export interface FinishEvent extends EventBase {
  readonly kind: "finish";
  readonly outcome: Outcome;
}

/**
 * Something that only one backend understands, from that backend's own API (an alert or a metric definition of W&B).
 * It is given to the backend of that name alone; the others neither see nor count it.
 */
export interface NativeEvent extends EventBase {
  readonly kind: "native";
  readonly backend: string;
  /** What it is, in the backend's terms. */
  readonly name: string;
  /** Anything that can be cloned. */
  readonly data: unknown;
}
