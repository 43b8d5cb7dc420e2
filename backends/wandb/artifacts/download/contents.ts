import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { TraceletError } from "../../../../src/errors.js";
import type { Connection } from "../../server/connection.js";
import type { DigestAlgorithm } from "../digests/hasher.js";
import { locatorOf } from "./file-urls.js";
import { type ArtifactFiles, fetchArtifactFiles, type ManifestEntry } from "./manifest-file.js";
import type { Locate, TransferContext } from "./transfer.js";

/** Where the bytes of an entry come from, and how they are known to be the right ones. */
export type EntryContent =
  | {
      /** A file of an artifact, known by its digest. */
      readonly kind: "stored";
      readonly digest: string;
      readonly algorithm: DigestAlgorithm;
      readonly size: number | undefined;
      readonly locate: Locate;
    }
  | {
      /** A page, known by its ETag; without one by nothing. */
      readonly kind: "page";
      readonly url: string;
      readonly etag: string | undefined;
      readonly size: number | undefined;
    }
  | {
      /** A file of this machine, known by its MD5; without one by nothing. */
      readonly kind: "local";
      readonly path: string;
      readonly digest: string | undefined;
      readonly size: number | undefined;
    };

/** A reference that leads from artifact to artifact further than this leads round. */
const MOST_HOPS = 10;

/**
 * Tells of entries where their content is; artifacts that references lead to are looked up once.
 *
 * @param chosen entries of the artifact that are asked for
 */
export function contentsOf(
  connection: Connection,
  context: TransferContext,
  artifact: ArtifactFiles,
  chosen: readonly ManifestEntry[],
): (entry: ManifestEntry) => Promise<EntryContent> {
  const own = { files: artifact, locatorFor: locatorOf(connection, context, artifact, chosen) };
  const known = new Map<string, Promise<Located>>([[artifact.id, Promise.resolve(own)]]);
  const lookUp = (id: string): Promise<Located> => {
    let found = known.get(id);
    if (found === undefined) {
      found = fetchArtifactFiles(connection, context, id).then((files) => ({
        files,
        locatorFor: locatorOf(connection, context, files),
      }));
      known.set(id, found);
    }
    return found;
  };

  const contentOf = async (id: string, entry: ManifestEntry, hops: number): Promise<EntryContent> => {
    const { ref, digest, algorithm, size, path } = entry;
    if (ref === undefined) {
      const { locatorFor } = await lookUp(id);
      return { kind: "stored", digest, algorithm, size, locate: locatorFor(entry) };
    }
    switch (schemeOf(ref)) {
      case "wandb-artifact": {
        if (hops === MOST_HOPS) throw refusal(path, ref, "leads from artifact to artifact without an end");
        const target = parseArtifactReference(ref);
        if (target === undefined) throw refusal(path, ref, "is no address of an artifact's file");
        const { files } = await lookUp(target.id);
        const found = files.manifest.entries.get(target.path);
        if (found === undefined) throw refusal(path, ref, `leads to a file that ${files.collection} lacks`);
        if (found.digest !== digest) throw refusal(path, ref, "leads to a file with another digest");
        return contentOf(target.id, found, hops + 1);
      }
      case "http":
      case "https":
        return { kind: "page", url: ref, etag: digest === ref ? undefined : digest, size };
      case "file": {
        let local: string;
        try {
          local = fileURLToPath(ref);
        } catch {
          throw refusal(path, ref, "names no file of this machine");
        }
        // A reference that was added without a checksum has that of its path.
        const unchecked = createHash("md5").update(resolve(local)).digest("base64") === digest;
        return { kind: "local", path: local, digest: unchecked ? undefined : digest, size };
      }
      default:
        throw unsupportedReference(entry);
    }
  };
  return (entry) => contentOf(artifact.id, entry, 0);
}

interface Located {
  readonly files: ArtifactFiles;
  readonly locatorFor: (entry: ManifestEntry) => Locate;
}

const schemeOf = (uri: string): string => /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(uri)?.[1]?.toLowerCase() ?? "";

const SUPPORTED = new Set(["wandb-artifact", "http", "https", "file"]);

/** Whether the content of an entry can be fetched from here. */
export function isSupported({ ref }: ManifestEntry): boolean {
  return ref === undefined || SUPPORTED.has(schemeOf(ref));
}

/** What to say of a reference into a store that only its own tools reach. */
export function unsupportedReference({ path, ref }: ManifestEntry): TraceletError {
  return new TraceletError(
    "invalid-value",
    `${JSON.stringify(path)} is a reference to ${ref}, which is not downloaded from here. Fetch it with the store's own ` +
      "tool, and pass { allowMissingReferences: true } to download the rest.",
    { backend: "wandb" },
  );
}

/** `wandb-artifact://<hex of the id>/<path>` */
function parseArtifactReference(ref: string): { readonly id: string; readonly path: string } | undefined {
  const match = /^wandb-artifact:\/\/([0-9a-f]+)\/(.+)$/i.exec(ref);
  if (match === null) return undefined;
  return { id: Buffer.from(match[1]!, "hex").toString("base64"), path: match[2]! };
}

function refusal(path: string, ref: string, why: string): TraceletError {
  return new TraceletError("invalid-file", `${JSON.stringify(path)}: the reference ${ref} ${why}.`, {
    backend: "wandb",
  });
}
