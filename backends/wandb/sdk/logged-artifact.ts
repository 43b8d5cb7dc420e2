import { statSync } from "node:fs";
import { basename } from "node:path";
import { Artifact } from "../artifacts/artifact.js";

/** How an artifact is logged. */
export interface LogArtifactOptions {
  /** Name of a path's artifact; default `run-<id>-<file name>`. */
  name?: string;
  /** Type of a path's artifact; default `unspecified`. */
  type?: string;
  /** Names of this version besides `latest`. */
  aliases?: readonly string[];
  tags?: readonly string[];
}

/** A version that was logged. */
export class LoggedArtifact {
  readonly #flush: () => Promise<void>;

  /** @internal */
  constructor(
    readonly artifact: Artifact,
    flush: () => Promise<void>,
  ) {
    this.#flush = flush;
  }

  get name(): string {
    return this.artifact.name;
  }

  /** Resolves when the version is safe in the run's log; the upload is the sync's. */
  async wait(): Promise<Artifact> {
    await this.#flush();
    return this.artifact;
  }
}

/** The artifact of a file, a folder or an address. */
export function pathArtifact(path: string, runId: string, options: LogArtifactOptions): Artifact {
  const name = options.name ?? `run-${runId}-${basename(path)}`;
  const artifact = new Artifact(name, { type: options.type ?? "unspecified" });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) artifact.addReference(path);
  else if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) artifact.addDir(path);
  else artifact.addFile(path);
  return artifact;
}
