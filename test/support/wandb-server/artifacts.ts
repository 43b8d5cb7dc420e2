import { type Blob, memoryBlob } from "./blobs.js";
import { addMember, type Collection, ensureCollection, giveAlias } from "./collections.js";
import { GraphqlError, type JsonMap } from "./graphql/execute.js";
import { hexOfId } from "./ids.js";
import { ensureProject, type Run, type Store } from "./store.js";

export interface ManifestEntry {
  readonly digest: string;
  readonly size?: number;
  readonly ref?: string;
  readonly birthArtifactID?: string;
  readonly extra?: JsonMap;
}

export interface Manifest {
  readonly version: number;
  readonly storagePolicy: string;
  readonly storagePolicyConfig?: JsonMap;
  readonly contents: { readonly [path: string]: ManifestEntry };
}

export interface ManifestRecord {
  readonly id: string;
  readonly artifact: Artifact;
  readonly name: string;
  readonly type: string;
  digest: string;
  baseArtifactId: string | null;
  blob: Blob | undefined;
}

export interface Artifact {
  readonly id: string;
  readonly collection: Collection;
  readonly type: string;
  readonly digest: string;
  readonly digestAlgorithm: string;
  readonly clientId: string;
  readonly sequenceClientId: string;
  /** The same for all writers of one distributed artifact. */
  readonly distributedId: string | null;
  readonly createdBy: Run | undefined;
  readonly historyStep: number | null;
  readonly createdAt: string;
  updatedAt: string;
  state: "PENDING" | "COMMITTED" | "DELETED";
  versionIndex: number | null;
  description: string | null;
  /** JSON text. */
  metadata: string | null;
  ttlDurationSeconds: number | null;
  readonly tags: Set<string>;
  /** Aliases asked for at creation; they are given at the commit. */
  readonly requestedAliases: string[];
  readonly aliases: Map<string, Set<string>>;
  readonly manifests: ManifestRecord[];
  /** Set at the commit. */
  manifest: Manifest | undefined;
  /** The manifest as clients read it: what was uploaded, or what became of several. */
  manifestBlob: Blob | undefined;
  /** Path -> bytes uploaded for this version. */
  readonly files: Map<string, Blob>;
  readonly usedBy: Set<Run>;
}

const optionalText = (value: unknown): string | null => (typeof value === "string" && value ? value : null);

/**
 * The `createArtifact` mutation. The same content under the same name is one version: a committed one is returned as
 * it is (and takes the new aliases), a pending one of the same client id is continued.
 */
export function createArtifact(store: Store, input: JsonMap): Artifact {
  const project = ensureProject(
    store,
    input["entityName"] as string | null,
    input["projectName"] as string | null,
  );
  const collection = ensureCollection(
    store,
    project,
    input["artifactCollectionName"] as string,
    input["artifactTypeName"] as string,
    "ArtifactSequence",
  );
  const digest = input["digest"] as string;
  const aliases = ((input["aliases"] ?? []) as { readonly alias: string }[]).map(({ alias }) => alias);
  const clientId = (input["clientID"] ?? "") as string;
  for (const { artifact } of collection.members)
    if (artifact.digest === digest && artifact.state === "COMMITTED" && input["enableDigestDeduplication"]) {
      for (const alias of aliases) giveAlias(collection, artifact, alias);
      return artifact;
    }
  const distributedId = optionalText(input["distributedID"]);
  for (const pending of store.artifacts.values())
    if (
      pending.collection === collection &&
      pending.state === "PENDING" &&
      ((clientId !== "" && pending.clientId === clientId) ||
        (distributedId !== null && pending.distributedId === distributedId))
    )
      return pending;

  const runName = optionalText(input["runName"]);
  const now = new Date().toISOString();
  const artifact: Artifact = {
    id: store.newId("Artifact"),
    collection,
    type: collection.type,
    digest,
    digestAlgorithm: (input["digestAlgorithm"] ?? "MANIFEST_MD5") as string,
    clientId,
    sequenceClientId: (input["sequenceClientID"] ?? "") as string,
    distributedId,
    createdBy: runName === null ? undefined : project.runs.get(runName),
    historyStep: (input["historyStep"] ?? null) as number | null,
    createdAt: now,
    updatedAt: now,
    state: "PENDING",
    versionIndex: null,
    description: optionalText(input["description"]),
    metadata: optionalText(input["metadata"]),
    ttlDurationSeconds: (input["ttlDurationSeconds"] ?? null) as number | null,
    tags: new Set(((input["tags"] ?? []) as { tagName: string }[]).map(({ tagName }) => tagName)),
    requestedAliases: aliases,
    aliases: new Map(),
    manifests: [],
    manifest: undefined,
    manifestBlob: undefined,
    files: new Map(),
    usedBy: new Set(),
  };
  store.artifacts.set(artifact.id, artifact);
  return artifact;
}

/**
 * The `commitArtifact` mutation: the uploaded manifests become the version's manifest (an incremental one on top of its
 * base), and the version gets its number and aliases. Refused when a file of the manifest never arrived.
 */
export async function commitArtifact(store: Store, artifact: Artifact): Promise<void> {
  if (artifact.state === "COMMITTED") return;
  let contents: { [path: string]: ManifestEntry } = {};
  let head: Manifest | undefined;
  for (const record of artifact.manifests) {
    if (record.blob === undefined) continue;
    const md5 = Buffer.from(record.blob.md5, "hex").toString("base64");
    if (record.digest !== md5) throw new GraphqlError(`manifest digest ${record.digest} is not ${md5}`, 400);
    head = JSON.parse((await record.blob.read()).toString()) as Manifest;
    const base =
      record.type === "INCREMENTAL" && record.baseArtifactId !== null
        ? store.artifacts.get(record.baseArtifactId)?.manifest?.contents
        : undefined;
    contents = { ...base, ...contents, ...head.contents };
  }
  if (head === undefined) throw new GraphqlError("artifact has no manifest", 400);
  for (const [path, entry] of Object.entries(contents))
    if (entry.ref === undefined && contentOf(store, artifact, path, entry) === undefined)
      throw new GraphqlError(`file ${path} of the manifest was not uploaded`, 400);
  artifact.manifest = { ...head, contents };
  const [only, ...others] = artifact.manifests.filter(({ blob }) => blob !== undefined);
  artifact.manifestBlob =
    only?.type === "FULL" && others.length === 0
      ? only.blob
      : memoryBlob(Buffer.from(JSON.stringify(artifact.manifest)));
  artifact.state = "COMMITTED";
  artifact.updatedAt = new Date().toISOString();
  artifact.versionIndex = addMember(store, artifact.collection, artifact).versionIndex;
  for (const alias of artifact.requestedAliases) giveAlias(artifact.collection, artifact, alias);
}

/** The stored bytes of a manifest entry: uploaded for this version, or for the one it was born in. */
export function contentOf(
  store: Store,
  artifact: Artifact,
  path: string,
  entry: ManifestEntry,
): Blob | undefined {
  const birth = entry.birthArtifactID === undefined ? artifact : store.artifacts.get(entry.birthArtifactID);
  return birth?.files.get(path) ?? artifact.files.get(path);
}

/** The version in which the same file of the same collection was uploaded before. */
export function earlierVersionWith(artifact: Artifact, path: string, digest: string): Artifact | undefined {
  return artifact.collection.members.find(
    ({ artifact: earlier }) => earlier.files.has(path) && earlier.manifest?.contents[path]?.digest === digest,
  )?.artifact;
}

/** Finds a version by its id, its id's hex form, or the client's id. */
export function findArtifact(store: Store, id: string): Artifact | undefined {
  const found = store.artifacts.get(id);
  if (found !== undefined) return found;
  for (const artifact of store.artifacts.values())
    if (artifact.clientId === id || hexOfId(artifact.id) === id) return artifact;
  return undefined;
}
