import { statSync } from "node:fs";
import { basename } from "node:path";
import { Artifact } from "../artifacts/artifact.js";
import { safeArtifactName } from "../artifacts/digests/digest.js";
import type { SavedArtifact } from "../artifacts/upload/saver.js";

/** How an artifact is logged. */
export interface LogArtifactOptions {
  /** Name of a path's artifact; default `run-<id>-<file name>`. */
  name?: string;
  /** Type of a path's artifact; default `unspecified`. */
  type?: string;
  /** Names of this version besides `latest`. */
  aliases?: readonly string[];
  /** Labels of this version. */
  tags?: readonly string[];
}

/**
 * A version that was logged (Python: what `run.log_artifact` returns).
 *
 * @example
 * ```ts
 * const logged = run.logArtifact("model.bin", { name: "digits", type: "model", aliases: ["best"] });
 * await logged.wait();
 * ```
 */
export class LoggedArtifact {
  readonly #ask: () => Promise<SavedArtifact | undefined>;
  #arrival: Promise<SavedArtifact | undefined> | undefined;

  /** @internal */
  constructor(
    /** What was logged. It cannot be changed any more, but logged again, for other aliases or another run. */
    readonly artifact: Artifact,
    ask: () => Promise<SavedArtifact | undefined>,
  ) {
    this.#ask = ask;
  }

  /** Name of the collection, without a version. */
  get name(): string {
    return this.artifact.name;
  }

  /**
   * Resolves when the version is at the server (Python: `logged.wait()`), also after the run has ended; of an offline run,
   * when it is safe in the run's log.
   *
   * @throws TraceletError `backend-failed` with the reason when the server does not get it
   */
  async wait(): Promise<Artifact> {
    const saved = await this.arrival();
    if (saved !== undefined) this.artifact.saved(saved.digest);
    return this.artifact;
  }

  /** The server's id of the version, when it is there; undefined for an offline run. Waits as `wait` does. */
  async id(): Promise<string | undefined> {
    return (await this.arrival())?.id;
  }

  /**
   * Asks what becomes of the version, which nobody knows any more when the run has ended.
   *
   * @internal
   */
  arrival(): Promise<SavedArtifact | undefined> {
    if (this.#arrival === undefined) {
      this.#arrival = this.#ask();
      this.#arrival.catch(() => {});
    }
    return this.#arrival;
  }
}

/** The artifact of a file, a folder or an address. */
export function pathArtifact(path: string, runId: string, options: LogArtifactOptions): Artifact {
  const name = options.name ?? safeArtifactName(`run-${runId}-${basename(path)}`);
  const artifact = new Artifact(name, { type: options.type ?? "unspecified" });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) artifact.addReference(path);
  else if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) artifact.addDir(path);
  else artifact.addFile(path);
  return artifact;
}
