import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { messageOf, TraceletError } from "../../../../src/errors.js";
import type { ArtifactRecord, ManifestEntryRecord } from "../../records/record.js";
import { digestOfManifest } from "../digests/digest.js";
import { createHasher } from "../digests/hasher.js";

/** How a manifest relates to those before: the whole, entries on top of the version before, or one writer's share. */
export type ManifestType = "FULL" | "INCREMENTAL" | "PATCH";

export function manifestTypeOf({ distributedId, incrementalBeta1 }: ArtifactRecord): ManifestType {
  if (incrementalBeta1) return "INCREMENTAL";
  return distributedId ? "PATCH" : "FULL";
}

export const MANIFEST_NAMES: { readonly [type in ManifestType]: string } = {
  FULL: "wandb_manifest.json",
  INCREMENTAL: "wandb_manifest.incremental.json",
  PATCH: "wandb_manifest.patch.json",
};

/** A line of the file that very long manifests are in (`wandb/sdk/interface/interface.py`). */
interface EntryLine {
  readonly path: string;
  readonly digest: string;
  readonly ref?: string;
  readonly size?: number;
  readonly local_path?: string;
  readonly birthArtifactID?: string;
  readonly skip_cache?: boolean;
  readonly extra?: { readonly [key: string]: unknown };
}

/**
 * The entries of a record, from the record or the file it names. Throws `invalid-file` when that cannot be read, or when
 * only the digest of entries that were uploaded before is there.
 */
export async function readEntries(record: ArtifactRecord): Promise<readonly ManifestEntryRecord[]> {
  const { digest, digestAlgorithm, manifest } = record;
  const path = manifest?.manifestFilePath;
  if (!path) {
    const contents = manifest?.contents ?? [];
    const hasher = await createHasher(digestAlgorithm === "MANIFEST_XXH128" ? "XXH128" : "MD5");
    if (contents.length === 0 && digest && digest !== digestOfManifest([], hasher)) {
      throw new TraceletError(
        "invalid-file",
        "its files were uploaded when it was logged before, and the server has no such version; log them as a new artifact",
        { backend: "wandb" },
      );
    }
    return contents;
  }
  const entries: ManifestEntryRecord[] = [];
  const content = createReadStream(path);
  const text = createGunzip();
  content.on("error", (error) => text.destroy(error));
  try {
    for await (const line of createInterface({ input: content.pipe(text), crlfDelay: Infinity })) {
      if (line !== "") entries.push(entryOf(JSON.parse(line) as EntryLine));
    }
  } catch (cause) {
    throw new TraceletError(
      "invalid-file",
      `its list of files, ${path}, cannot be read (${messageOf(cause)}); put it back and sync again`,
      { backend: "wandb", cause },
    );
  }
  return entries;
}

function entryOf(line: EntryLine): ManifestEntryRecord {
  const { path, digest, ref, size, local_path, birthArtifactID, skip_cache, extra } = line;
  return {
    path,
    digest,
    ...(ref ? { ref } : {}),
    ...(size ? { size } : {}),
    ...(local_path ? { localPath: local_path } : {}),
    ...(birthArtifactID ? { birthArtifactId: birthArtifactID } : {}),
    ...(skip_cache ? { skipCache: true } : {}),
    ...(extra
      ? { extra: Object.entries(extra).map(([key, value]) => ({ key, valueJson: JSON.stringify(value) })) }
      : {}),
  };
}

/** A manifest as it is uploaded, with its base64 MD5. Local paths stay here. */
export function manifestFile(
  record: ArtifactRecord,
  entries: readonly ManifestEntryRecord[],
): { readonly bytes: Buffer; readonly digest: string } {
  const { manifest } = record;
  const contents = entries.map(({ path, digest = "", ref, size = 0, birthArtifactId, extra }) => [
    path,
    {
      digest,
      ...(ref ? { ref } : {}),
      size,
      ...(extra?.length ? { extra: fromItems(extra) } : {}),
      ...(birthArtifactId ? { birthArtifactID: birthArtifactId } : {}),
    },
  ]);
  const bytes = Buffer.from(
    JSON.stringify({
      version: manifest?.version ?? 1,
      storagePolicy: manifest?.storagePolicy ?? "wandb-storage-policy-v1",
      // A record whose entries are in a file says nothing of it, and the official client puts this there, too.
      storagePolicyConfig: { storageLayout: "V2", ...fromItems(manifest?.storagePolicyConfig ?? []) },
      contents: Object.fromEntries(contents),
    }),
  );
  return { bytes, digest: createHash("md5").update(bytes).digest("base64") };
}

function fromItems(items: readonly { readonly key: string; readonly valueJson: string }[]) {
  return Object.fromEntries(items.map(({ key, valueJson }) => [key, JSON.parse(valueJson) as unknown]));
}
