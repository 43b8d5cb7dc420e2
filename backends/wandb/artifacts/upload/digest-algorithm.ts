import type { ArtifactRecord, ManifestEntryRecord } from "../../records/record.js";
import { isUnknownField, operation, type QueryOptions } from "../../server/graphql.js";
import { cachedPath } from "../cache.js";
import { digestOfManifest } from "../digests/digest.js";
import { ALGORITHM_KEY, type ManifestAlgorithm } from "../digests/hasher.js";
import { changedFile, entryAlgorithm, type FileEntry, findFile } from "./local-file.js";
import { readEntries } from "./manifest-file.js";
import type { SaveContext } from "./save-version.js";
import type { TransferContext } from "./transfer.js";

type DigestingContext = SaveContext & Pick<TransferContext, "digester">;

/** The operations of the official client 0.31. */
const XXHASH_ENABLED = operation(`
  query XXHashDigestsEnabled($entityName: String!) { entity(name: $entityName) { xxhashDigestsEnabled } }
`);
const COLLECTION_ALGORITHM = operation(`
  query FetchArtifactDigestAlgorithm($entityName: String!, $projectName: String!, $artifactTypeName: String!,
      $artifactCollectionName: String!) {
    project(name: $projectName, entityName: $entityName) {
      artifactType(name: $artifactTypeName) {
        artifactCollection(name: $artifactCollectionName) {
          __typename
          ... on ArtifactSequence { digestAlgorithm }
        }
      }
    }
  }
`);

/**
 * The record as this server takes it: with MD5 in place of other digests where the server knows no others, or the
 * collection has versions with MD5.
 *
 * @throws TraceletError `invalid-file` when files that have to be read for that are gone or have changed; RequestError.
 */
export async function settleAlgorithm(
  context: DigestingContext,
  record: ArtifactRecord,
  options: QueryOptions,
): Promise<ArtifactRecord> {
  const wanted = (record.digestAlgorithm || "MANIFEST_MD5") as ManifestAlgorithm;
  if (wanted === "MANIFEST_MD5") return record;
  const isKnown = await isTaken(context, record, options).catch((error: unknown) => {
    if (isUnknownField(error)) return false;
    throw error;
  });
  if (isKnown) return record;
  const entries: ManifestEntryRecord[] = [];
  for (const entry of await readEntries(record)) entries.push(await withMd5(context, entry));
  const { manifestFilePath: _, ...manifest } = record.manifest ?? {};
  return {
    ...record,
    digest: digestOfManifest(entries),
    digestAlgorithm: "MANIFEST_MD5",
    manifest: { ...manifest, contents: entries },
  };
}

async function isTaken(
  { connection, run: { entity, project } }: DigestingContext,
  { name = "", type = "" }: ArtifactRecord,
  options: QueryOptions,
): Promise<boolean> {
  if (!(await connection.hasFeature("ARTIFACT_DIGEST_ALGORITHM"))) return false;
  const { entity: owner } = await connection.graphql.query<{
    readonly entity: { readonly xxhashDigestsEnabled: boolean | null } | null;
  }>(XXHASH_ENABLED, { entityName: entity }, options);
  if (!owner?.xxhashDigestsEnabled) return false;
  const names = {
    entityName: entity,
    projectName: project,
    artifactTypeName: type,
    artifactCollectionName: name,
  };
  const { project: found } = await connection.graphql.query<CollectionAnswer>(
    COLLECTION_ALGORITHM,
    names,
    options,
  );
  return found?.artifactType?.artifactCollection?.digestAlgorithm !== "MANIFEST_MD5";
}

interface CollectionAnswer {
  readonly project: {
    readonly artifactType: {
      readonly artifactCollection: { readonly digestAlgorithm?: string | null } | null;
    } | null;
  } | null;
}

async function withMd5(
  { cacheFolder, digester }: DigestingContext,
  entry: ManifestEntryRecord,
): Promise<ManifestEntryRecord> {
  const algorithm = entryAlgorithm(entry);
  if (!entry.localPath || algorithm === "MD5") return entry;
  const file = entry as FileEntry;
  const { path } = findFile(file, cachedPath(cacheFolder, file.digest, algorithm));
  const { whole } = await digester.digest({ path, size: entry.size ?? 0, algorithms: [algorithm, "MD5"] });
  if (whole[algorithm] !== file.digest) throw changedFile(file);
  const extra = (entry.extra ?? []).filter(({ key }) => key !== ALGORITHM_KEY);
  return { ...entry, digest: whole.MD5!, extra };
}
