import type { Command } from "commander";
import type { JsonValue } from "../events/event.js";
import type { Series } from "./series.js";

/** What a backend brings to the command line; its module is loaded when it is used. */
export interface BackendCommandLine {
  /** Adds the backend's own commands below `tracelet <name>`. */
  addCommands?(command: Command): void;
  readonly journals?: Journals;
}

/** A backend's local records of runs, as `tracelet inspect` and `tracelet sync` use them. */
export interface Journals {
  /** The journals that a path stands for: the file itself, a run's folder. Empty when it is none of this backend's. */
  find(path: string): readonly string[];
  /** Reads a journal to its end, or to where it is damaged. */
  inspect(journal: string): RunOverview | Promise<RunOverview>;
}

/** A run as its journal tells it. Texts are as they were logged: whoever shows them masks and cleans them. */
export interface RunOverview {
  readonly journal: string;
  readonly id: string;
  readonly name?: string | undefined;
  /** `unfinished`: the journal has no end; the run goes on, or was killed. */
  readonly state: "finished" | "failed" | "unfinished";
  readonly exitCode?: number | undefined;
  /** What is wrong with the journal; everything before it is in this overview. */
  readonly damage?: string | undefined;
  /** Seconds since the epoch. */
  readonly startTime?: number | undefined;
  /** Seconds. */
  readonly duration?: number | undefined;
  /** What else the run is called and belongs to, in the order in which it is shown. */
  readonly fields: readonly (readonly [label: string, value: string])[];
  readonly config: { readonly [name: string]: JsonValue };
  /** The run's own summary, where it says more than the last values of its metrics. */
  readonly summary: { readonly [name: string]: JsonValue };
  /** How many rows were logged. */
  readonly rows: number;
  readonly lastStep?: number | undefined;
  readonly metrics: readonly Series[];
  /** Keys of rows that hold no numbers, with the kind of the last value: `text`, `image-file`. */
  readonly others: readonly (readonly [name: string, kind: string])[];
  readonly system: readonly Series[];
  readonly files: readonly RunFile[];
  readonly artifacts: readonly RunArtifact[];
  /** Its last lines. */
  readonly console: readonly string[];
  readonly consoleLines: number;
}

/** A file that belongs to a run; without a size it is not there. */
export interface RunFile {
  readonly path: string;
  readonly bytes?: number | undefined;
}

export interface RunArtifact {
  readonly name: string;
  readonly type: string;
  readonly aliases: readonly string[];
  readonly files: number;
  readonly bytes: number;
}
