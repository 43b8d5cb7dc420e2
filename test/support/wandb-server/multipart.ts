import type { Artifact } from "./artifacts.js";
import type { Blob } from "./blobs.js";
import { GraphqlError, type JsonMap } from "./graphql/execute.js";
import type { Storage } from "./storage.js";
import type { Store } from "./store.js";

/** A large file that arrives in numbered parts. */
export interface MultipartUpload {
  readonly id: string;
  readonly artifact: Artifact;
  readonly path: string;
  readonly parts: Map<number, Blob>;
}

interface Part {
  readonly partNumber: number;
  readonly hexMD5: string;
}

export function createMultipartUpload(
  store: Store,
  storage: Storage,
  artifact: Artifact,
  path: string,
  parts: readonly Part[],
) {
  const upload: MultipartUpload = { id: store.newId("MultipartUpload"), artifact, path, parts: new Map() };
  store.multipartUploads.set(upload.id, upload);
  return {
    __typename: "UploadMultipartUrls",
    uploadID: upload.id,
    uploadUrlParts: parts.map(({ partNumber }) => ({
      __typename: "UploadUrlPart",
      partNumber,
      uploadUrl: storage.uploadUrl(`${path}.part${partNumber}`, (blob) => {
        upload.parts.set(partNumber, blob);
      }),
    })),
  };
}

/**
 * Joins the parts of an upload. `hexMD5` of a completed part is the `ETag` its PUT answered with, quotes included, as
 * object stores want it.
 *
 * @returns the base64 MD5 of the whole file.
 */
export async function completeMultipartUpload(
  store: Store,
  storage: Storage,
  input: JsonMap,
): Promise<string> {
  const upload = store.multipartUploads.get(input["uploadID"] as string);
  if (upload === undefined) throw new GraphqlError("no such upload", 404);
  const completed = [...(input["completedParts"] as readonly Part[])].sort(
    (a, b) => a.partNumber - b.partNumber,
  );
  const parts = completed.map(({ partNumber, hexMD5 }) => {
    const part = upload.parts.get(partNumber);
    if (part === undefined) throw new GraphqlError(`part ${partNumber} was not uploaded`, 400);
    if (hexMD5 !== `"${part.md5}"`) throw new GraphqlError(`part ${partNumber} has another ETag`, 400);
    return part;
  });
  if (parts.length !== upload.parts.size) throw new GraphqlError("parts are missing", 400);
  const blob = await storage.join(parts);
  upload.artifact.files.set(upload.path, blob);
  store.multipartUploads.delete(upload.id);
  return Buffer.from(blob.md5, "hex").toString("base64");
}
