import { TraceletError } from "../../../../src/errors.js";
import type { Connection } from "../../server/connection.js";
import { operation } from "../../server/graphql.js";
import {
  ALGORITHM_KEY,
  algorithmOf,
  DIGEST_ALGORITHMS,
  type DigestAlgorithm,
  type ManifestAlgorithm,
} from "../digests/hasher.js";
import { openSource, persist, readBounded, type TransferContext } from "./transfer.js";

/** A file of an artifact, or the address of something that stays elsewhere. */
export interface ManifestEntry {
  readonly path: string;
  /** Of a file in base64; of an address what its kind has, such as an ETag. */
  readonly digest: string;
  /** Of a file's digest. */
  readonly algorithm: DigestAlgorithm;
  /** Bytes; undefined when the manifest does not say. */
  readonly size: number | undefined;
  /** The address, of a reference. */
  readonly ref: string | undefined;
  /** Id of the version it was uploaded with, if that was another one. */
  readonly birthArtifactID: string | undefined;
  readonly extra: { readonly [key: string]: unknown };
}

/** What a version consists of. */
export interface ArtifactManifest {
  readonly version: number;
  readonly storageLayout: string;
  readonly storageRegion: string | undefined;
  /** Path -> entry, in the order of the manifest. */
  readonly entries: ReadonlyMap<string, ManifestEntry>;
}

/** A version on a server with its manifest. */
export interface ArtifactFiles {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  /** Name of its collection. */
  readonly collection: string;
  readonly versionIndex: number;
  readonly manifest: ArtifactManifest;
}

/** Larger manifests are refused: 256 MiB hold more than a million entries. */
const MOST_MANIFEST_BYTES = 256 << 20;
/** MD5 and XXH128 of nothing. Some clients leave a size of 0 out. */
const EMPTY_DIGESTS = ["1B2M2Y8AsgTpgAmY7PhCfg==", "maoG0wFHmNhgAcMkRo1Jfw=="];

const ALGORITHMS = DIGEST_ALGORITHMS.map((name): string => `MANIFEST_${name}` satisfies ManifestAlgorithm);

const manifestQuery = (more: string) =>
  operation(`query FetchArtifactManifest($id: ID!) {
  artifact(id: $id) {
    id versionIndex ${more}
    artifactSequence { name project { name entity { name } } }
    currentManifest { file { directUrl } }
  } }`);
const FETCH_ARTIFACT_MANIFEST = manifestQuery("");
const FETCH_WITH_ALGORITHM = manifestQuery("digestAlgorithm");

interface ManifestAnswer {
  readonly artifact: {
    readonly id: string;
    readonly versionIndex: number | null;
    readonly digestAlgorithm?: string | null;
    readonly artifactSequence: {
      readonly name: string;
      readonly project: { readonly name: string; readonly entity: { readonly name: string } } | null;
    };
    readonly currentManifest: { readonly file: { readonly directUrl: string } } | null;
  } | null;
}

/**
 * Fetches the manifest of a version.
 *
 * @throws TraceletError `invalid-value` when there is no such version, `invalid-file` when it has no manifest or one that
 * cannot be read; RequestError when the server refuses
 */
export async function fetchArtifactFiles(
  connection: Connection,
  context: TransferContext,
  id: string,
): Promise<ArtifactFiles> {
  let found: NonNullable<ManifestAnswer["artifact"]> | undefined;
  const hasAlgorithm = await connection.hasFeature("ARTIFACT_DIGEST_ALGORITHM");
  const ask = async () => {
    const { artifact } = await connection.graphql.query<ManifestAnswer>(
      hasAlgorithm ? FETCH_WITH_ALGORITHM : FETCH_ARTIFACT_MANIFEST,
      { id },
      { signal: context.signal, policy: { ...context.policy, timeoutMs: 30_000 } },
    );
    if (artifact === null) throw missing(`There is no artifact with the id ${id}, or no access to it.`);
    const { digestAlgorithm } = artifact;
    if (digestAlgorithm && !ALGORITHMS.includes(digestAlgorithm)) {
      throw unreadable(
        `The files of ${artifact.artifactSequence.name} are known by ${digestAlgorithm}, which cannot be checked here. ` +
          "Download it with the Python client.",
      );
    }
    const url = artifact.currentManifest?.file.directUrl;
    if (url === undefined) {
      throw unreadable(`The artifact ${artifact.artifactSequence.name} has no manifest; was it deleted?`);
    }
    found = artifact;
    return { url, anonymous: !url.startsWith("/") };
  };
  const bytes = await persist(
    context,
    ask,
    async (source) => {
      const { chunks } = await openSource(context, source, { start: 0, limit: MOST_MANIFEST_BYTES });
      return readBounded(chunks, MOST_MANIFEST_BYTES);
    },
    () => 0,
  );
  const { artifactSequence, versionIndex } = found!;
  return {
    id: found!.id,
    entity: artifactSequence.project?.entity.name ?? "",
    project: artifactSequence.project?.name ?? "",
    collection: artifactSequence.name,
    versionIndex: versionIndex ?? 0,
    manifest: parseManifest(bytes.toString(), artifactSequence.name),
  };
}

/** Reads a manifest; keys that are not known are left alone. */
export function parseManifest(text: string, name: string): ArtifactManifest {
  const refuse = (what: string): never => {
    throw unreadable(`The manifest of ${name} cannot be read: ${what}.`);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse("it is no JSON");
  }
  if (!isObject(json)) return refuse("it is no object");
  const { version, contents, storagePolicyConfig } = json;
  if (version !== 1) return refuse(`it has version ${JSON.stringify(version)}, known is 1`);
  if (!isObject(contents)) return refuse("it lists no files");
  const entries = new Map<string, ManifestEntry>();
  for (const [path, entry] of Object.entries(contents)) {
    if (!isObject(entry)) return refuse(`the entry ${JSON.stringify(path)} is no object`);
    const { digest, size, ref, birthArtifactID, extra } = entry;
    const flaw =
      typeof digest !== "string"
        ? "no digest"
        : size !== undefined && size !== null && !(Number.isSafeInteger(size) && (size as number) >= 0)
          ? "a wrong size"
          : undefined;
    if (flaw !== undefined) return refuse(`the entry ${JSON.stringify(path)} has ${flaw}`);
    const known = typeof size === "number" ? size : undefined;
    const isReference = typeof ref === "string" && ref !== "";
    const members = isObject(extra) ? extra : {};
    entries.set(path, {
      path,
      digest: digest as string,
      algorithm: algorithmOf(isReference ? undefined : members[ALGORITHM_KEY], path),
      // References of unknown size are written with 0.
      size: isReference
        ? known || undefined
        : (known ?? (EMPTY_DIGESTS.includes(digest as string) ? 0 : undefined)),
      ref: isReference ? ref : undefined,
      birthArtifactID: typeof birthArtifactID === "string" ? birthArtifactID : undefined,
      extra: members,
    });
  }
  const config = isObject(storagePolicyConfig) ? storagePolicyConfig : {};
  const { storageLayout, storageRegion } = config;
  return {
    version,
    storageLayout: typeof storageLayout === "string" ? storageLayout : "V1",
    storageRegion: typeof storageRegion === "string" ? storageRegion : undefined,
    entries,
  };
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function missing(message: string): TraceletError {
  return new TraceletError("invalid-value", message, { backend: "wandb" });
}

function unreadable(message: string): TraceletError {
  return new TraceletError("invalid-file", message, { backend: "wandb" });
}
