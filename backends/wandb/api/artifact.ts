import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { TraceletError } from "../../../src/errors.js";
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
import { checkAliases, checkArtifactTags, metadataText } from "../artifacts/rules.js";
import { TRANSFER_RETRY } from "../server/retry.js";
import {
  ADD_ALIASES,
  ARTIFACT_BY_ID,
  ARTIFACT_BY_NAME,
  type ArtifactRecord,
  type CollectionInfo,
  CREATED_BY,
  DELETE,
  DELETE_ALIASES,
  LINK,
  MEMBERSHIP_BY_NAME,
  UPDATE,
  USED_BY,
} from "./artifact-record.js";
import { type ArtifactTable, readTable } from "./artifact-table.js";
import { type ItemPath, parseArtifactPath } from "./paths.js";
import { type ApiRun, fetchRun } from "./run.js";
import { parseValues, type Values } from "./run-record.js";
import { type ApiSession, isRefusedField, notFound } from "./session.js";

interface Membership {
  readonly versionIndex: number | null;
  readonly artifactCollection: CollectionInfo | null;
  readonly artifact: ArtifactRecord | null;
}

/** Where a version was found: its own collection, or one it is linked to. */
interface Place {
  readonly collection: CollectionInfo;
  readonly versionIndex: number | null;
  /** The alias it was asked for by. */
  readonly alias?: string;
}

/** @throws TraceletError `invalid-value` when there is no such version */
export async function fetchArtifact(session: ApiSession, path: ItemPath): Promise<ApiArtifact> {
  const found = await findArtifact(session, path);
  if (found === undefined) throw notFound(`artifact ${path.entity}/${path.project}/${path.name}`);
  return found;
}

export async function findArtifact(session: ApiSession, path: ItemPath): Promise<ApiArtifact | undefined> {
  const alias = path.name.slice(path.name.indexOf(":") + 1);
  try {
    const { project } = await session.query<{
      project: { artifactCollectionMembership: Membership | null } | null;
    }>(MEMBERSHIP_BY_NAME, { ...path });
    const member = project?.artifactCollectionMembership;
    if (!member?.artifact || !member.artifactCollection) return undefined;
    const { artifact, artifactCollection, versionIndex } = member;
    return new ApiArtifact(session, artifact, { collection: artifactCollection, versionIndex, alias });
  } catch (error) {
    if (!isRefusedField(error)) throw error;
  }
  const { project } = await session.query<{ project: { artifact: ArtifactRecord | null } | null }>(
    ARTIFACT_BY_NAME,
    { ...path },
  );
  const artifact = project?.artifact;
  if (!artifact) return undefined;
  const { artifactSequence: collection, versionIndex } = artifact;
  return new ApiArtifact(session, artifact, { collection, versionIndex, alias });
}

/** A version by its own collection. */
export function artifactOf(session: ApiSession, record: ArtifactRecord): ApiArtifact {
  return new ApiArtifact(session, record, {
    collection: record.artifactSequence,
    versionIndex: record.versionIndex,
  });
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
  readonly id: string;
  /** User or team, project and collection it was found in: those of a link, if it was found by one. */
  readonly entity: string;
  readonly project: string;
  readonly collection: string;
  /** `v0`, `v1` ... in that collection. */
  readonly version: string;
  /** `collection:version`, with the alias it was asked for by in place of the version. */
  readonly name: string;
  readonly type: string;
  /** In that collection, without the version. */
  aliases: string[];
  tags: string[];
  description: string | undefined;
  metadata: Values;
  /** Seconds from its creation until it is deleted; null: never; `inherit`: what the team has set. */
  ttl: number | null | "inherit";
  readonly #session: ApiSession;
  #record: ArtifactRecord;
  /** As the server has them. */
  #known: { readonly aliases: readonly string[]; readonly tags: readonly string[] };
  #files: Promise<ArtifactFiles> | undefined;

  /** @internal */
  constructor(session: ApiSession, record: ArtifactRecord, { collection, versionIndex, alias }: Place) {
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

  get digest(): string {
    return this.#record.digest;
  }

  get commitHash(): string | undefined {
    return this.#record.commitHash ?? undefined;
  }

  get fileCount(): number {
    return Number(this.#record.fileCount ?? 0);
  }

  /** ISO 8601. */
  get createdAt(): string {
    return this.#record.createdAt;
  }

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
    const { artifact } = await this.#session.query<{
      artifact: { createdBy: ({ __typename: string } & RunPath) | null } | null;
    }>(CREATED_BY, { id: this.id });
    const creator = artifact?.createdBy;
    return creator?.__typename === "Run" ? fetchRun(this.#session, itemPath(creator)) : undefined;
  }

  /** The runs that use it (Python: `Artifact.used_by`). */
  async usedBy(): Promise<ApiRun[]> {
    const { artifact } = await this.#session.query<{
      artifact: { usedBy: { edges: readonly { node: RunPath }[] } } | null;
    }>(USED_BY, { id: this.id });
    const runs: ApiRun[] = [];
    for (const { node } of artifact?.usedBy.edges ?? []) {
      runs.push(await fetchRun(this.#session, itemPath(node)));
    }
    return runs;
  }

  /** Sends what was changed: aliases, tags, description, metadata, ttl (Python: `Artifact.save`). */
  async save(): Promise<void> {
    const { aliases, tags } = this;
    if (aliases.length > 0) checkAliases(aliases);
    checkArtifactTags(tags);
    const place = {
      entityName: this.entity,
      projectName: this.project,
      artifactCollectionName: this.collection,
    };
    const named = (list: readonly string[]) => list.map((alias) => ({ ...place, alias }));
    const added = without(aliases, this.#known.aliases);
    const removed = without(this.#known.aliases, aliases);
    const change = (list: readonly string[]) => ({ input: { artifactID: this.id, aliases: named(list) } });
    if (added.length > 0) await this.#session.query(ADD_ALIASES, change(added));
    if (removed.length > 0) await this.#session.query(DELETE_ALIASES, change(removed));
    const text = metadataText(this.metadata);
    const { updateArtifact } = await this.#session.query<{ updateArtifact: { artifact: ArtifactRecord } }>(
      UPDATE,
      {
        input: {
          artifactID: this.id,
          description: this.description ?? null,
          metadata: text === "" ? "{}" : text,
          // Nothing is changed by null.
          ttlDurationSeconds: this.ttl === ttlOf(this.#record) ? null : ttlSeconds(this.ttl),
          tagsToAdd: without(tags, this.#known.tags).map((tagName) => ({ tagName })),
          tagsToDelete: without(this.#known.tags, tags).map((tagName) => ({ tagName })),
        },
      },
    );
    this.#record = updateArtifact.artifact;
    this.#known = { aliases: [...aliases], tags: [...tags] };
  }

  /**
   * Links it to a collection of another project (Python: `Artifact.link`).
   *
   * @param target `entity/project/collection`, or shorter as for `Api.artifact`
   */
  async link(target: string, aliases: readonly string[] = []): Promise<void> {
    if (aliases.length > 0) checkAliases(aliases);
    const path = await parseArtifactPath(this.#session, target);
    const collection = path.name.slice(0, path.name.indexOf(":"));
    await this.#session.query(LINK, {
      input: {
        artifactPortfolioName: collection,
        entityName: path.entity,
        projectName: path.project,
        artifactID: this.id,
        aliases: aliases.map((alias) => ({ artifactCollectionName: collection, alias })),
      },
    });
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
    this.#files ??= this.#session
      .connection()
      .then((connection) =>
        fetchArtifactFiles(connection, { http: connection.http, policy: TRANSFER_RETRY }, this.id),
      );
    this.#files.catch(() => {
      this.#files = undefined;
    });
    return this.#files;
  }

  async #download(options: DownloadOptions, only?: ManifestEntry): Promise<DownloadResult> {
    const files = await this.#artifactFiles();
    const artifact =
      only === undefined
        ? files
        : { ...files, manifest: { ...files.manifest, entries: new Map([[only.path, only]]) } };
    return downloadArtifact(await this.#session.connection(), { ...options, artifact });
  }
}

/** An entry of a version on the server. */
export interface ApiArtifactEntry extends ManifestEntry {
  /** Downloads the file and gives its path, absolute. */
  download(options?: Omit<DownloadOptions, "pathPrefix">): Promise<string>;
}

interface RunPath {
  readonly name: string;
  readonly project: { readonly name: string; readonly entityName: string };
}

const itemPath = ({ name, project }: RunPath): ItemPath => ({
  entity: project.entityName,
  project: project.name,
  name,
});

const without = (all: readonly string[], some: readonly string[]): string[] =>
  all.filter((each) => !some.includes(each));

const INHERIT_SECONDS = -1;
const NEVER_SECONDS = -2;

function ttlOf({ ttlDurationSeconds, ttlIsInherited }: ArtifactRecord): ApiArtifact["ttl"] {
  if (ttlIsInherited) return "inherit";
  const seconds = Number(ttlDurationSeconds ?? NEVER_SECONDS);
  return seconds > 0 ? seconds : null;
}

function ttlSeconds(ttl: ApiArtifact["ttl"]): number {
  if (ttl === "inherit") return INHERIT_SECONDS;
  if (ttl === null) return NEVER_SECONDS;
  if (Number.isInteger(ttl) && ttl > 0) return ttl;
  throw new TraceletError(
    "invalid-value",
    `ttl is a whole number of seconds above 0, null or "inherit", got ${ttl}.`,
    { backend: "wandb" },
  );
}

/** A version by its id; undefined when there is none. */
export async function artifactById(session: ApiSession, id: string): Promise<ApiArtifact | undefined> {
  const { artifact } = await session.query<{ artifact: ArtifactRecord | null }>(ARTIFACT_BY_ID, { id });
  return artifact === null ? undefined : artifactOf(session, artifact);
}
