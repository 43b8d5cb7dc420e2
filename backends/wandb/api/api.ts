import { TraceletError } from "../../../src/errors.js";
import type { ApiArtifact } from "./artifact.js";
import {
  type ApiArtifactCollection,
  type ApiArtifactType,
  artifactCollections,
  artifactTypes,
  artifactVersions,
  type VersionOptions,
} from "./collections.js";
import { fetchArtifact, findArtifact } from "./find-artifact.js";
import type { PageOptions, Pages } from "./pages.js";
import { parseArtifactPath, parseItemPath, parseProjectPath } from "./paths.js";
import { type ApiProject, type ApiViewer, fetchViewer, projectsOf } from "./projects.js";
import { type ApiRun, fetchRun } from "./run.js";
import { type RunsOptions, runsOf } from "./runs.js";
import { type ApiOptions, type ApiSession, createSession } from "./session.js";
import { type ApiSweep, fetchSweep, sweepsOf } from "./sweep.js";

/**
 * Reads what is on a W&B server (Python: `wandb.Api`): runs with their history, files and logs, artifacts, sweeps,
 * projects. Lists are read page by page, as far as they are gone through. A path that names no entity or project takes the
 * defaults; the address of a page is a path, too.
 *
 * Nothing is sent before a method asks for something. Failed requests are tried again for about a minute.
 *
 * @example
 * ```ts
 * const api = new wandb.Api();
 * for await (const run of api.runs("team/project", { filters: { state: "finished" }, order: "+summary_metrics.loss" })) {
 *   console.log(run.name, run.summary["loss"]);
 * }
 * ```
 */
export class Api {
  readonly #session: ApiSession;

  /**
   * @throws TraceletError `invalid-option` when there is no API key (`WANDB_API_KEY`, or `apiKey`), or the base URL
   * (`WANDB_BASE_URL`, or `baseUrl`) is none
   */
  constructor(options: ApiOptions = {}) {
    this.#session = createSession(options);
  }

  /**
   * One run.
   *
   * @param path `entity/project/id`, `project/id`, `id`, or the address of its page
   * @throws TraceletError `invalid-value` when there is none
   */
  async run(path: string): Promise<ApiRun> {
    return fetchRun(this.#session, await parseItemPath(this.#session, path));
  }

  /**
   * The runs of a project, oldest first unless ordered otherwise.
   *
   * @param path `entity/project`, `project`, or the address of its page; default: the default project
   */
  runs(path?: string, options: RunsOptions = {}): Pages<ApiRun> {
    return runsOf(this.#session, () => parseProjectPath(this.#session, path), options);
  }

  /** Whether there is such a run. */
  async runExists(path: string): Promise<boolean> {
    return exists(this.run(path));
  }

  /**
   * One version of an artifact.
   *
   * @param name `entity/project/collection:alias`, or shorter; without an alias it is `latest`
   * @param options.type when it has to be of this type
   * @throws TraceletError `invalid-value` when there is none, or it is of another type
   */
  async artifact(name: string, options: { readonly type?: string } = {}): Promise<ApiArtifact> {
    const artifact = await fetchArtifact(this.#session, await parseArtifactPath(this.#session, name));
    const { type = artifact.type } = options;
    if (artifact.type === type) return artifact;
    throw new TraceletError(
      "invalid-value",
      `${artifact.qualifiedName} is of type ${JSON.stringify(artifact.type)}, not ${JSON.stringify(type)}.`,
      { backend: "wandb" },
    );
  }

  /** Whether there is such a version, of this type. */
  async artifactExists(name: string, options: { readonly type?: string } = {}): Promise<boolean> {
    const found = await findArtifact(this.#session, await parseArtifactPath(this.#session, name));
    return found !== undefined && (options.type === undefined || found.type === options.type);
  }

  /**
   * The versions of a collection, newest first.
   *
   * @param name `entity/project/collection`, or shorter
   */
  artifacts(type: string, name: string, options: VersionOptions = {}): Pages<ApiArtifact> {
    const where = async () => {
      const path = await parseArtifactPath(this.#session, name);
      return { ...path, name: path.name.slice(0, path.name.indexOf(":")) };
    };
    return artifactVersions(this.#session, where, type, options);
  }

  /** The types of artifacts in a project. */
  artifactTypes(project?: string, options: PageOptions = {}): Pages<ApiArtifactType> {
    return artifactTypes(this.#session, () => parseProjectPath(this.#session, project), options);
  }

  /** The collections of a project, of one type or of all. */
  artifactCollections(
    project?: string,
    type?: string,
    options: PageOptions = {},
  ): Pages<ApiArtifactCollection> {
    return artifactCollections(this.#session, () => parseProjectPath(this.#session, project), type, options);
  }

  /**
   * One sweep.
   *
   * @param path `entity/project/id`, `project/id`, `id`, or the address of its page
   */
  async sweep(path: string): Promise<ApiSweep> {
    return fetchSweep(this.#session, await parseItemPath(this.#session, path));
  }

  /** The sweeps of a project. */
  sweeps(project?: string, options: PageOptions = {}): Pages<ApiSweep> {
    return sweepsOf(this.#session, () => parseProjectPath(this.#session, project), options);
  }

  /** The projects of a user or team; default: the default entity. */
  projects(entity?: string, options: PageOptions = {}): Pages<ApiProject> {
    return projectsOf(this.#session, entity, options);
  }

  /** Whose key it is. */
  viewer(): Promise<ApiViewer> {
    return fetchViewer(this.#session);
  }

  /** User or team of paths that name none. */
  defaultEntity(): Promise<string> {
    return this.#session.entity();
  }
}

async function exists(item: Promise<unknown>): Promise<boolean> {
  try {
    await item;
    return true;
  } catch (error) {
    if (error instanceof TraceletError && error.code === "invalid-value") return false;
    throw error;
  }
}
