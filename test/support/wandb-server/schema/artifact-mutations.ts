import {
  type Artifact,
  commitArtifact,
  createArtifact,
  earlierVersionWith,
  findArtifact,
  type ManifestRecord,
} from "../artifacts.js";
import { GraphqlError, type JsonMap } from "../graphql/execute.js";
import { completeMultipartUpload, createMultipartUpload } from "../multipart.js";
import { findProject } from "../store.js";
import { artifactNode } from "./artifact-node.js";
import type { SchemaContext } from "./context.js";

interface FileSpec {
  readonly artifactID: string;
  readonly name: string;
  readonly md5: string;
  readonly uploadPartsInput?: readonly { readonly partNumber: number; readonly hexMD5: string }[] | null;
}

/** The mutations that create and complete artifact versions. */
export function artifactMutations(context: SchemaContext): {
  readonly [name: string]: (input: JsonMap) => unknown;
} {
  const { store, storage } = context;

  function artifactOf(input: JsonMap): Artifact {
    const artifact = findArtifact(store, input["artifactID"] as string);
    if (artifact === undefined) throw new GraphqlError(`artifact ${input["artifactID"]} not found`, 404);
    return artifact;
  }

  function manifestFile(record: ManifestRecord) {
    return {
      __typename: "ArtifactManifest",
      id: record.id,
      file: {
        __typename: "File",
        id: `${record.id}-file`,
        uploadUrl: () =>
          storage.uploadUrl(record.name, (blob) => {
            record.blob = blob;
          }),
        uploadHeaders: ["Content-Type:application/json"],
      },
    };
  }

  function uploadTarget({ artifactID, name, md5, uploadPartsInput }: FileSpec) {
    const artifact = artifactOf({ artifactID });
    const earlier = earlierVersionWith(artifact, name, md5);
    const parts = uploadPartsInput ?? [];
    const multipart =
      earlier === undefined && parts.length > 0
        ? createMultipartUpload(store, storage, artifact, name, parts)
        : null;
    return {
      __typename: "File",
      name,
      storagePath: `artifacts/${artifact.id}/${name}`,
      uploadUrl:
        earlier === undefined
          ? storage.uploadUrl(name, (blob) => {
              artifact.files.set(name, blob);
            })
          : null,
      uploadHeaders: ["Content-Type:application/octet-stream"],
      uploadMultipartUrls: multipart,
      artifact: { __typename: "Artifact", id: earlier?.id ?? artifact.id },
    };
  }

  return {
    createArtifact: (input) => ({
      __typename: "CreateArtifactPayload",
      artifact: artifactNode(context, createArtifact(store, input)),
    }),
    createArtifactManifest: (input) => {
      const artifact = artifactOf(input);
      const type = input["type"] as string;
      // The same manifest asked for again (first without, then with its digest) stays one record.
      let record = type === "PATCH" ? undefined : artifact.manifests.find((known) => known.type === type);
      if (record === undefined) {
        record = {
          id: store.newId("ArtifactManifest"),
          artifact,
          name: input["name"] as string,
          type,
          digest: "",
          baseArtifactId: null,
          blob: undefined,
        };
        artifact.manifests.push(record);
      }
      record.digest = input["digest"] as string;
      record.baseArtifactId = (input["baseArtifactID"] ?? record.baseArtifactId) as string | null;
      return { __typename: "CreateArtifactManifestPayload", artifactManifest: manifestFile(record) };
    },
    updateArtifactManifest: (input) => {
      const id = input["artifactManifestID"] as string;
      for (const artifact of store.artifacts.values()) {
        const record = artifact.manifests.find((candidate) => candidate.id === id);
        if (record === undefined) continue;
        record.digest = (input["digest"] ?? record.digest) as string;
        record.baseArtifactId = (input["baseArtifactID"] ?? record.baseArtifactId) as string | null;
        return { __typename: "UpdateArtifactManifestPayload", artifactManifest: manifestFile(record) };
      }
      throw new GraphqlError(`manifest ${id} not found`, 404);
    },
    createArtifactFiles: (input) => ({
      __typename: "CreateArtifactFilesPayload",
      files: {
        __typename: "FileConnection",
        edges: (input["artifactFiles"] as FileSpec[]).map((spec) => ({
          __typename: "FileEdge",
          node: uploadTarget(spec),
        })),
      },
    }),
    completeMultipartUploadArtifact: async (input) => ({
      __typename: "CompleteMultipartUploadArtifactPayload",
      digest: await completeMultipartUpload(store, storage, input),
    }),
    commitArtifact: async (input) => {
      const artifact = artifactOf(input);
      await commitArtifact(store, artifact);
      return { __typename: "CommitArtifactPayload", artifact: artifactNode(context, artifact) };
    },
    useArtifact: (input) => {
      const artifact = artifactOf(input);
      const run = findProject(store, input["entityName"] as string, input["projectName"] as string)?.runs.get(
        input["runName"] as string,
      );
      if (run === undefined) throw new GraphqlError(`run ${input["runName"]} not found`, 404);
      run.inputArtifacts.add(artifact.id);
      artifact.usedBy.add(run);
      return { __typename: "UseArtifactPayload", artifact: artifactNode(context, artifact) };
    },
    updateArtifact: (input) => {
      const artifact = artifactOf(input);
      const names = (key: string) =>
        ((input[key] ?? []) as { readonly tagName: string }[]).map(({ tagName }) => tagName);
      if (typeof input["description"] === "string") artifact.description = input["description"];
      if (typeof input["metadata"] === "string") artifact.metadata = input["metadata"];
      if (typeof input["ttlDurationSeconds"] === "number")
        artifact.ttlDurationSeconds = input["ttlDurationSeconds"];
      for (const name of names("tagsToAdd")) artifact.tags.add(name);
      for (const name of names("tagsToDelete")) artifact.tags.delete(name);
      return { __typename: "UpdateArtifactPayload", artifact: artifactNode(context, artifact) };
    },
    deleteArtifact: (input) => {
      const artifact = artifactOf(input);
      artifact.state = "DELETED";
      const { members } = artifact.collection;
      members.splice(0, members.length, ...members.filter((member) => member.artifact !== artifact));
      return { __typename: "DeleteArtifactPayload", artifact: artifactNode(context, artifact) };
    },
  };
}
