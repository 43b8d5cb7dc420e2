import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { type Artifact, createArtifact, type ManifestEntry } from "./artifacts.js";
import type { Blob } from "./blobs.js";
import { addMember, giveAlias } from "./collections.js";
import type { Store } from "./store.js";

/** A stored file of these bytes. */
export function blobOf(content: string | Uint8Array): Blob {
  const bytes = Buffer.from(content as Uint8Array);
  return {
    size: bytes.length,
    md5: createHash("md5").update(bytes).digest("hex"),
    read: async () => bytes,
    stream: (start = 0, end = bytes.length - 1) => Readable.from([bytes.subarray(start, end + 1)]),
  };
}

export const md5Of = (content: string | Uint8Array): string =>
  createHash("md5").update(content).digest("base64");

/** What a path of a stored artifact has: content, or whatever the manifest shall say, true or not. */
export type StoredEntry = string | Uint8Array | (ManifestEntry & { readonly content?: string | Uint8Array });

/**
 * Puts a committed version into project `tester/p` without a client, so that it may be as no client would make it.
 *
 * @param manifest a text in place of the manifest of the entries
 */
export function storeArtifact(
  store: Store,
  name: string,
  entries: { readonly [path: string]: StoredEntry },
  manifest?: string,
): Artifact {
  const artifact = createArtifact(store, {
    entityName: "tester",
    projectName: "p",
    artifactCollectionName: name,
    artifactTypeName: "dataset",
    digest: md5Of(JSON.stringify([name, Object.keys(entries), Math.random()])),
  });
  const contents: { [path: string]: ManifestEntry } = Object.create(null);
  for (const [path, stored] of Object.entries(entries)) {
    if (typeof stored === "string" || stored instanceof Uint8Array) {
      contents[path] = { digest: md5Of(stored), size: Buffer.byteLength(stored as Uint8Array) };
      artifact.files.set(path, blobOf(stored));
    } else {
      const { content, ...entry } = stored;
      contents[path] = entry;
      if (content !== undefined) artifact.files.set(path, blobOf(content));
    }
  }
  const head = {
    version: 1,
    storagePolicy: "wandb-storage-policy-v1",
    storagePolicyConfig: { storageLayout: "V2" },
  };
  artifact.manifest = { ...head, contents };
  artifact.manifests.push({
    id: store.newId("ArtifactManifest"),
    artifact,
    name: "wandb_manifest.json",
    type: "FULL",
    digest: "",
    baseArtifactId: null,
    blob: blobOf(manifest ?? JSON.stringify(artifact.manifest)),
  });
  artifact.state = "COMMITTED";
  artifact.versionIndex = addMember(store, artifact.collection, artifact).versionIndex;
  giveAlias(artifact.collection, artifact, "latest");
  return artifact;
}
