import { TraceletError } from "../../../../src/errors.js";
import type { Connection } from "../../server/connection.js";
import { RequestError, type RetryOptions, type RetryPolicy } from "../../server/retry.js";
import { uploadBytes } from "../../server/upload.js";
import type { RunAddress } from "./create-input.js";
import { MANIFEST_NAMES, type ManifestType } from "./manifest-file.js";
import {
  CREATE_MANIFEST,
  type CreatedManifest,
  type ManifestAnswer,
  UPDATE_MANIFEST,
  type UpdatedManifest,
} from "./operations.js";

/** The manifest of a version on the server, empty at first. */
export interface ServerManifest {
  readonly id: string;
  /** Gives it its content. */
  upload(
    content: { readonly bytes: Buffer; readonly digest: string },
    policy: RetryPolicy | undefined,
  ): Promise<void>;
}

/** Addresses asked for at most: one that was refused may have expired. */
const MOST_ADDRESSES = 3;

/** @param base the version that an incremental manifest stands on, and that a whole one came after. */
export async function createManifest(
  connection: Connection,
  artifact: { readonly id: string; readonly type: ManifestType; readonly base: string | null },
  { entity, project, runId }: RunAddress,
  retry: RetryOptions,
): Promise<ServerManifest> {
  const { graphql, http } = connection;
  const variables = {
    artifactID: artifact.id,
    baseArtifactID: artifact.base,
    name: MANIFEST_NAMES[artifact.type],
    entityName: entity,
    projectName: project,
    runName: runId,
    manifestType: artifact.type,
  };
  const create = async (digest: string, includeUpload: boolean): Promise<ManifestAnswer> => {
    const all = { ...variables, digest, includeUpload };
    const answer = await graphql.query<CreatedManifest>(CREATE_MANIFEST, all, retry);
    return answer.createArtifactManifest.artifactManifest;
  };
  const update = async (digest: string): Promise<ManifestAnswer> => {
    const all = { artifactManifestID: id, digest, baseArtifactID: null, includeUpload: true };
    const answer = await graphql.query<UpdatedManifest>(UPDATE_MANIFEST, all, retry);
    return answer.updateArtifactManifest.artifactManifest;
  };
  const { id } = await create("", false);
  return {
    id,
    async upload({ bytes, digest }, policy) {
      for (let attempt = 1; ; attempt++) {
        const { file } = await (artifact.type === "FULL" ? create(digest, true) : update(digest));
        if (!file.uploadUrl) {
          throw new TraceletError("backend-failed", "the server took no manifest; sync again later", {
            backend: "wandb",
          });
        }
        try {
          await uploadBytes(http, {
            ...retry,
            policy,
            url: file.uploadUrl,
            headers: file.uploadHeaders ?? [],
            bytes,
          });
          return;
        } catch (error) {
          if (!(error instanceof RequestError) || attempt === MOST_ADDRESSES) throw error;
        }
      }
    },
  };
}
