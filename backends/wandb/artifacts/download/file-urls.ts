import { posix } from "node:path";
import type { Connection } from "../../server/connection.js";
import { isUnknownField, operation } from "../../server/graphql.js";
import type { ArtifactFiles, ManifestEntry } from "./manifest-file.js";
import type { Locate, Source, TransferContext } from "./transfer.js";

const FILE_URLS = operation(`query ArtifactFileURLsByManifestEntries(
    $id: ID!, $entries: [ArtifactManifestEntryInput!], $storageLayout: String!, $manifestVersion: String!,
    $storageRegion: String) {
  artifact(id: $id) {
    filesByManifestEntries(storageLayout: $storageLayout, manifestVersion: $manifestVersion, entries: $entries,
      storageRegion: $storageRegion) {
      edges { node { name directUrl } }
    }
  } }`);

interface FileUrls {
  readonly artifact: {
    readonly filesByManifestEntries: {
      readonly edges: readonly {
        readonly node: { readonly name: string; readonly directUrl: string | null } | null;
      }[];
    } | null;
  } | null;
}

/** Addresses are asked for in lots of so many: they expire, and the files of a lot are fetched before the next one. */
const LOT = 1000;

/**
 * Says where the files of a version are, each by a `Locate` of its own.
 *
 * @param wanted entries that will be asked for; default: all
 */
export function locatorOf(
  connection: Connection,
  context: TransferContext,
  artifact: ArtifactFiles,
  wanted: Iterable<ManifestEntry> = artifact.manifest.entries.values(),
): (entry: ManifestEntry) => Locate {
  const { id, manifest } = artifact;
  const files = [...wanted].filter(({ ref }) => ref === undefined);
  const place = new Map(files.map(({ path }, index) => [path, index]));
  const lots = new Map<number, Promise<ReadonlyMap<string, string>>>();

  const ask = async (entries: readonly ManifestEntry[]): Promise<ReadonlyMap<string, string>> => {
    try {
      const { artifact: answer } = await connection.graphql.query<FileUrls>(
        FILE_URLS,
        {
          id,
          entries: entries.map(({ path, digest, size, birthArtifactID }) => ({
            name: path,
            digest,
            birthArtifactID: birthArtifactID ?? null,
            ref: null,
            size: size ?? 0,
          })),
          storageLayout: manifest.storageLayout,
          manifestVersion: String(manifest.version),
          storageRegion: manifest.storageRegion ?? null,
        },
        { signal: context.signal, policy: { ...context.policy, timeoutMs: 60_000 } },
      );
      return new Map(
        (answer?.filesByManifestEntries?.edges ?? []).flatMap(({ node }) =>
          node?.directUrl ? [[node.name, node.directUrl] as const] : [],
        ),
      );
    } catch (error) {
      // An older server; its route below the API serves every file.
      if (isUnknownField(error)) return new Map();
      throw error;
    }
  };

  const lotOf = (path: string): Promise<ReadonlyMap<string, string>> => {
    const lot = Math.floor(place.get(path)! / LOT);
    let asked = lots.get(lot);
    if (asked === undefined) {
      asked = ask(files.slice(lot * LOT, (lot + 1) * LOT));
      asked.catch(() => lots.delete(lot));
      lots.set(lot, asked);
    }
    return asked;
  };

  return (entry) => async (again) => {
    const urls = await (again || !place.has(entry.path) ? ask([entry]) : lotOf(entry.path));
    const url = urls.get(entry.path);
    if (url === undefined) return apiSource(connection, artifact, entry);
    return { url, anonymous: !url.startsWith("/") };
  };
}

/** The file's address below the API, which takes the key. */
async function apiSource(
  connection: Connection,
  { id, entity, project, collection, manifest }: ArtifactFiles,
  { path, digest, birthArtifactID }: ManifestEntry,
): Promise<Source> {
  const hash = Buffer.from(digest, "base64").toString("hex");
  const encode = encodeURIComponent;
  if (manifest.storageLayout === "V1") {
    return { url: `/artifacts/${encode(entity)}/${hash}`, anonymous: false };
  }
  const withId = await connection.hasFeature("ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID");
  const parts = [
    manifest.storageRegion ?? "default",
    entity,
    project,
    collection,
    ...(withId ? [id] : []),
    birthArtifactID ?? "",
  ];
  const name = encode(posix.basename(path));
  return { url: `/artifactsV2/${parts.map(encode).join("/")}/${hash}/${name}`, anonymous: false };
}
