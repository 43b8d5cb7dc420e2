import type { Command } from "commander";
import type { JsonValue } from "../events/event.js";
import type { Series } from "./series.js";

/** What a backend brings to the command line; its module is loaded when it is used. */
export interface BackendCommandLine {
  /** Adds the backend's own commands below `tracelet <name>`. */
  addCommands?(command: Command): void;
  readonly journals?: Journals;
  /**
   * Sends journals to the backend's server, and tells the listener what became of each. It goes on past those that fail.
   *
   * @throws TraceletError when nothing can be sent at all: `invalid-option` for what the caller has to write otherwise
   */
  sync?(request: SyncRequest, listener: SyncListener): Promise<void>;
}

/** What `tracelet sync` is asked. */
export interface SyncRequest {
  /** Journals and folders of them; empty: where the backend keeps its runs. */
  readonly paths: readonly string[];
  /** Where the runs go, instead of what they say themselves. */
  readonly project?: string | undefined;
  readonly entity?: string | undefined;
  readonly id?: string | undefined;
  /** Sends again what has arrived as a whole. */
  readonly includeSynced: boolean;
  /** Only tells what would be sent. */
  readonly dryRun: boolean;
  /** Follows runs that are still being written, and looks for new ones, until the signal. */
  readonly watch: boolean;
  /** Ends it. What has arrived stays, and is not sent again by the next time. */
  readonly signal: AbortSignal;
}

/** Is told how a sync goes. */
export interface SyncListener {
  /** How much of a journal has arrived: nothing when it was found, then several times a second while it is sent. */
  progress(journal: string, sent: SentSoFar): void;
  /** What became of a journal; once for each. */
  ended(run: SyncedRun): void;
  /** A line for the one who waits. */
  note(line: string): void;
}

export interface SentSoFar {
  readonly rows: number;
  readonly files: number;
  /** Of the journal, and how many it has. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** What became of a journal. */
export interface SyncedRun extends SentSoFar {
  readonly journal: string;
  /** `found`: would be sent; `skipped`: there is no need to, or not yet, as `problems` says. */
  readonly state: "synced" | "failed" | "skipped" | "found";
  /** `entity/project/id` as far as it is known. */
  readonly run?: string | undefined;
  readonly url?: string | undefined;
  /** Why it is not synced. */
  readonly problems: readonly string[];
  /** How much of it never can be sent, such as files that are not there any more; the rest is synced all the same. */
  readonly leftOut: number;
  /** What else is worth knowing: what was left out, among others. */
  readonly warnings: readonly string[];
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
