import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type DownloadOptions,
  type DownloadResult,
  defaultRoot,
  downloadArtifact,
} from "../artifacts/download/download-artifact.js";
import {
  type ArtifactFiles,
  type ArtifactManifest,
  fetchArtifactFiles,
  type ManifestEntry,
} from "../artifacts/download/manifest-file.js";
import { verifyFolder } from "../artifacts/download/verify-folder.js";
import { linkArtifact } from "../artifacts/link.js";
import { sendChanges, ttlOf } from "./artifact-changes.js";
import { creatorOf, usersOf } from "./artifact-lineage.js";
import { type ArtifactRecord, type CollectionInfo, DELETE } from "./artifact-record.js";
import { type ArtifactTable, readTable } from "./artifact-table.js";
import { type ApiRun, fetchRun } from "./run.js";
import { parseValues, type Values } from "./run-record.js";
import { type ApiSession, notFound } from "./session.js";

/** Where a version was found: its own collection, or one it is linked to. */
export interface ArtifactPlace {
  readonly collection: CollectionInfo;
  readonly versionIndex: number | null;
  /** The alias it was asked for by. */
  readonly alias?: string;
}

/**
 * A version of an artifact on the server (Python: what `Api.artifact` gives). `aliases`, `tags`, `description`, `metadata`
 * and `ttl` may be changed; `save()` sends them.
 *
 * @example
 * ```ts
 * const artifact = await new wandb.Api().artifact("entity/project/dataset:latest");
 * const folder = await artifact.download();
 * artifact.aliases.push("checked");
 * await artifact.save();
 * ```
 */
export class ApiArtifact {
  /** The server's id of the version. */
  readonly id: string;
  /** User or team, project and collection it was found in: those of a link, if it was found by one. */
  readonly entity: string;
  /** Project it was found in. */
  readonly project: string;
  /** Name of the collection it was found in. */
  readonly collection: string;
  /** `v0`, `v1` ... in that collection. */
  readonly version: string;
  /** `collection:version`, with the alias it was asked for by in place of the version. */
  readonly name: string;
  /** `model`, `dataset` ... */
  readonly type: string;
  /** In that collection, without the version. */
  aliases: string[];
  /** Labels of the version. */
  tags: string[];
  /** A text about the version. */
  description: string | undefined;
  /** Values by name, as they were logged. */
  metadata: Values;
  /** Seconds from its creation until it is deleted; null: never; `inherit`: what the team has set. */
  ttl: number | null | "inherit";
  readonly #session: ApiSession;
  #record: ArtifactRecord;
  /** As the server has them. */
  #known: { readonly aliases: readonly string[]; readonly tags: readonly string[] };
  #files: Promise<ArtifactFiles> | undefined;

  /** @internal */
  constructor(
    session: ApiSession,
    record: ArtifactRecord,
    { collection, versionIndex, alias }: ArtifactPlace,
  ) {
    this.#session = session;
    this.#record = record;
    this.id = record.id;
    this.entity = collection.project?.entity.name ?? "";
    this.project = collection.project?.name ?? "";
    this.collection = collection.name;
    this.version = `v${versionIndex ?? record.versionIndex ?? 0}`;
    this.name = `${collection.name}:${alias ?? this.version}`;
    this.type = record.artifactType.name;
    this.aliases = (record.aliases ?? [])
      .filter(({ artifactCollection: other, alias: each }) => {
        const same =
          other?.name === this.collection &&
          other.project?.name === collection.project?.name &&
          other.project?.entity.name === collection.project?.entity.name;
        return same && !/^v\d+$/.test(each);
      })
      .map(({ alias: each }) => each);
    this.tags = (record.tags ?? []).map(({ name }) => name);
    this.description = record.description ?? undefined;
    this.metadata = parseValues(record.metadata, "metadata");
    this.ttl = ttlOf(record);
    this.#known = { aliases: [...this.aliases], tags: [...this.tags] };
  }

  /** `entity/project/collection:version`. */
  get qualifiedName(): string {
    return `${this.entity}/${this.project}/${this.name}`;
  }

  /** `entity/project/collection:version` it was logged as, also when it was found by a link. */
  get sourceQualifiedName(): string {
    const { artifactSequence, versionIndex } = this.#record;
    const { name, project } = artifactSequence;
    return `${project?.entity.name ?? ""}/${project?.name ?? ""}/${name}:v${versionIndex ?? 0}`;
  }

  /** Whether it was found by a link. */
  get isLink(): boolean {
    return `${this.entity}/${this.project}/${this.collection}:${this.version}` !== this.sourceQualifiedName;
  }

  /** `COMMITTED`, `PENDING` or `DELETED`. */
  get state(): string {
    return this.#record.state;
  }

  /** Bytes of its files. */
  get size(): number {
    return Number(this.#record.size ?? 0);
  }

  /** MD5 of the manifest: equal content has equal digests. */
  get digest(): string {
    return this.#record.digest;
  }

  /** Hash that the server gave the version when it was complete. */
  get commitHash(): string | undefined {
    return this.#record.commitHash ?? undefined;
  }

  /** How many entries it has. */
  get fileCount(): number {
    return Number(this.#record.fileCount ?? 0);
  }

  /** ISO 8601. */
  get createdAt(): string {
    return this.#record.createdAt;
  }

  /** Time of the last change, as ISO 8601. */
  get updatedAt(): string {
    return this.#record.updatedAt ?? this.#record.createdAt;
  }

  /** Last step of the run's history when it was logged (Python: `Artifact.history_step`). */
  get historyStep(): number | undefined {
    const next = this.#record.historyStep;
    return next === null ? undefined : Math.max(0, next - 1);
  }

  /** Address of its page. */
  get url(): string {
    const parts = [this.entity, this.project, "artifacts", this.type, this.collection, this.version];
    return `${this.#session.appUrl}/${parts.map(encodeURIComponent).join("/")}`;
  }

  /** What it consists of; fetched once. */
  async manifest(): Promise<ArtifactManifest> {
    return (await this.#artifactFiles()).manifest;
  }

  /** Its entries, in the order of the manifest. */
  async files(): Promise<ManifestEntry[]> {
    return [...(await this.manifest()).entries.values()];
  }

  /**
   * Downloads its files and gives the folder, absolute (Python: `Artifact.download`). Every digest is checked; files that
   * are there already are not fetched again, and what an interrupted download has left is gone on with.
   *
   * @throws TraceletError `invalid-file` for a wrong digest, or paths that lead out of the folder; `invalid-value` for
   * references into stores that are not reached from here; `backend-failed` when the server refuses
   */
  async download(options: DownloadOptions = {}): Promise<string> {
    return (await this.#download(options)).root;
  }

  /**
   * Compares a folder with the manifest (Python: `Artifact.verify`). References are compared where their digest is that of
   * content.
   *
   * @param root default: where `download` puts the files
   * @throws TraceletError `invalid-file` that names files that lack, are others, or too many
   */
  async verify(root?: string): Promise<void> {
    const { collection, versionIndex, manifest } = await this.#artifactFiles();
    const folder = resolve(root ?? defaultRoot(`${collection}:v${versionIndex}`, process.env));
    await verifyFolder(manifest, folder);
  }

  /**
   * One entry (Python: `Artifact.get_entry`).
   *
   * @throws TraceletError `invalid-value` when there is none of this path
   */
  async getEntry(path: string): Promise<ApiArtifactEntry> {
    const entry = (await this.manifest()).entries.get(path);
    if (entry === undefined) throw notFound(`entry ${JSON.stringify(path)} in ${this.name}`);
    return {
      ...entry,
      download: async (options = {}) => {
        const { root } = await this.#download(options, entry);
        return resolve(root, ...entry.path.split("/"));
      },
    };
  }

  /**
   * Columns and rows of a table that was added by name (Python: `Artifact.get`, for tables). Media in its cells are the
   * objects that W&B keeps of them; `getEntry` has their files.
   *
   * @throws TraceletError `invalid-value` when there is no table of this name
   */
  async get(name: string): Promise<ArtifactTable> {
    const entry = await this.getEntry(`${name}.table.json`);
    const root = await mkdtemp(join(tmpdir(), "tracelet-table-"));
    try {
      return await readTable(await entry.download({ root }));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }

  /** The run that logged it; undefined when none did (Python: `Artifact.logged_by`). */
  async loggedBy(): Promise<ApiRun | undefined> {
    const path = await creatorOf(this.#session, this.id);
    return path === undefined ? undefined : fetchRun(this.#session, path);
  }

  /** The runs that use it (Python: `Artifact.used_by`). */
  async usedBy(): Promise<ApiRun[]> {
    const runs: ApiRun[] = [];
    for (const path of await usersOf(this.#session, this.id)) runs.push(await fetchRun(this.#session, path));
    return runs;
  }

  /** Sends what was changed: aliases, tags, description, metadata, ttl (Python: `Artifact.save`). */
  async save(): Promise<void> {
    this.#record = await sendChanges(this.#session, this.#record, this, this.#known);
    this.#known = { aliases: [...this.aliases], tags: [...this.tags] };
  }

  /**
   * Links it to a collection, for instance of a registry (Python: `Artifact.link`).
   *
   * @param target `entity/project/collection`, `project/collection` or `collection`; in a registry
   * `wandb-registry-<name>/<collection>`
   * @returns where it stands then: `entity/project/collection:version`
   */
  async link(target: string, aliases: readonly string[] = []): Promise<string> {
    const { entity, project, id: artifactID } = this;
    const organization = process.env["WANDB_ORGANIZATION"];
    const link = { artifact: { artifactID }, target, aliases, entity, project, organization };
    return (await this.#session.ask((connection, how) => linkArtifact(connection, link, how))).path;
  }

  /**
   * Deletes the version on the server (Python: `Artifact.delete`).
   *
   * @param options.deleteAliases also when it has aliases; default false, with which the server refuses that
   */
  async delete(options: { readonly deleteAliases?: boolean } = {}): Promise<void> {
    const { deleteAliases = false } = options;
    await this.#session.query(DELETE, { input: { artifactID: this.id, deleteAliases } });
  }

  #artifactFiles(): Promise<ArtifactFiles> {
    const fetch = async (): Promise<ArtifactFiles> => {
      const policy = await this.#session.transferPolicy();
      return this.#session.ask((connection) =>
        fetchArtifactFiles(connection, { http: connection.http, policy }, this.id),
      );
    };
    this.#files ??= fetch().catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    });
    return this.#files;
  }

  async #download(options: DownloadOptions, only?: ManifestEntry): Promise<DownloadResult> {
    const artifact = await this.#artifactFiles();
    const policy = await this.#session.transferPolicy();
    const chosen = only === undefined ? {} : { paths: [only.path] };
    return downloadArtifact(await this.#session.connection(), { ...options, ...chosen, artifact, policy });
  }
}

/** An entry of a version on the server. */
export interface ApiArtifactEntry extends ManifestEntry {
  /** Downloads the file and gives its path, absolute. */
  download(options?: Omit<DownloadOptions, "pathPrefix">): Promise<string>;
}
