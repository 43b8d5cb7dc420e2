import { count, list, maybe, object, text } from "../../server/answer-shape.js";
import { operation } from "../../server/graphql.js";

/** The operations of an upload, with the names, variables and selections of the official client 0.31. */

export const CREATE_ARTIFACT = operation(
  `
  mutation CreateArtifact($input: CreateArtifactInput!) {
    createArtifact(input: $input) { artifact { id state artifactSequence { latestArtifact { id } } } }
  }
`,
  {
    createArtifact: object({
      artifact: object({
        id: text,
        state: text,
        artifactSequence: maybe(object({ latestArtifact: maybe(object({ id: text })) })),
      }),
    }),
  },
);
export interface CreatedArtifact {
  readonly createArtifact: {
    readonly artifact: {
      readonly id: string;
      readonly state: string;
      readonly artifactSequence: { readonly latestArtifact: { readonly id: string } | null } | null;
    };
  };
}

const MANIFEST = object({
  id: text,
  file: object({ uploadUrl: maybe(text), uploadHeaders: maybe(list(text)) }),
});
export const CREATE_MANIFEST = operation(
  `
  mutation CreateArtifactManifest($artifactID: ID!, $baseArtifactID: ID, $name: String!, $digest: String!,
      $entityName: String!, $projectName: String!, $runName: String!, $manifestType: ArtifactManifestType!,
      $includeUpload: Boolean!) {
    createArtifactManifest(input: {artifactID: $artifactID, baseArtifactID: $baseArtifactID, name: $name,
        digest: $digest, entityName: $entityName, projectName: $projectName, runName: $runName, type: $manifestType}) {
      artifactManifest {
        id
        file { id uploadUrl @include(if: $includeUpload) uploadHeaders @include(if: $includeUpload) }
      }
    }
  }
`,
  { createArtifactManifest: object({ artifactManifest: MANIFEST }) },
);
export interface ManifestAnswer {
  readonly id: string;
  readonly file: { readonly uploadUrl?: string | null; readonly uploadHeaders?: readonly string[] | null };
}
export interface CreatedManifest {
  readonly createArtifactManifest: { readonly artifactManifest: ManifestAnswer };
}

export const UPDATE_MANIFEST = operation(
  `
  mutation UpdateArtifactManifest($artifactManifestID: ID!, $digest: String, $baseArtifactID: ID,
      $includeUpload: Boolean!) {
    updateArtifactManifest(input: {artifactManifestID: $artifactManifestID, digest: $digest,
        baseArtifactID: $baseArtifactID}) {
      artifactManifest {
        id
        file { id uploadUrl @include(if: $includeUpload) uploadHeaders @include(if: $includeUpload) }
      }
    }
  }
`,
  { updateArtifactManifest: object({ artifactManifest: MANIFEST }) },
);
export interface UpdatedManifest {
  readonly updateArtifactManifest: { readonly artifactManifest: ManifestAnswer };
}

const TARGET = object({
  storagePath: maybe(text),
  uploadUrl: maybe(text),
  uploadHeaders: maybe(list(text)),
  uploadMultipartUrls: maybe(
    object({ uploadID: text, uploadUrlParts: list(object({ partNumber: count, uploadUrl: text })) }),
  ),
  artifact: object({ id: text }),
});
export const CREATE_FILES = operation(
  `
  mutation CreateArtifactFiles($input: CreateArtifactFilesInput!) {
    createArtifactFiles(input: $input) {
      files {
        edges {
          node {
            storagePath
            uploadUrl
            uploadHeaders
            uploadMultipartUrls { uploadID uploadUrlParts { partNumber uploadUrl } }
            artifact { id }
          }
        }
      }
    }
  }
`,
  { createArtifactFiles: object({ files: object({ edges: list(maybe(object({ node: maybe(TARGET) }))) }) }) },
);
/** Where a file goes. */
export interface UploadTarget {
  readonly storagePath: string | null;
  /** Null when the server has these bytes already. */
  readonly uploadUrl: string | null;
  readonly uploadHeaders: readonly string[] | null;
  readonly uploadMultipartUrls: {
    readonly uploadID: string;
    readonly uploadUrlParts: readonly { readonly partNumber: number; readonly uploadUrl: string }[];
  } | null;
  /** The version that the bytes were first uploaded for. */
  readonly artifact: { readonly id: string };
}
export interface CreatedFiles {
  readonly createArtifactFiles: {
    readonly files: { readonly edges: readonly ({ readonly node: UploadTarget | null } | null)[] };
  };
}

export const COMPLETE_MULTIPART = operation(`
  mutation CompleteMultipartUploadArtifact($completeMultipartAction: CompleteMultipartAction!,
      $completedParts: [UploadPartsInput!]!, $artifactID: ID!, $storagePath: String!, $uploadID: String!) {
    completeMultipartUploadArtifact(input: {completeMultipartAction: $completeMultipartAction,
        completedParts: $completedParts, artifactID: $artifactID, storagePath: $storagePath, uploadID: $uploadID}) {
      digest
    }
  }
`);

export const CLIENT_ID_MAPPING = operation(
  `
  query ClientIDMapping($clientID: ID!) { clientIDMapping(clientID: $clientID) { serverID } }
`,
  { clientIDMapping: maybe(object({ serverID: text })) },
);
export interface ClientIdMapping {
  readonly clientIDMapping: { readonly serverID: string } | null;
}

export const COMMIT_ARTIFACT = operation(`
  mutation CommitArtifact($artifactID: ID!) {
    commitArtifact(input: {artifactID: $artifactID}) { artifact { id digest } }
  }
`);
