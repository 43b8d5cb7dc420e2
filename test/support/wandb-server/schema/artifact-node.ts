import { type Artifact, contentOf, type ManifestEntry } from "../artifacts.js";
import type { Collection, Membership } from "../collections.js";
import type { JsonMap, Node } from "../graphql/execute.js";
import { connection } from "../pages.js";
import type { SchemaContext } from "./context.js";
import { projectNode } from "./project-node.js";
import { runNode } from "./run-node.js";

/** The `Artifact` type: one version. */
export function artifactNode(context: SchemaContext, artifact: Artifact): Node {
  const entries = () => Object.entries(artifact.manifest?.contents ?? {});
  return {
    __typename: "Artifact",
    id: artifact.id,
    state: artifact.state,
    digest: artifact.digest,
    digestAlgorithm: artifact.digestAlgorithm,
    description: artifact.description,
    metadata: artifact.metadata,
    ttlDurationSeconds: artifact.ttlDurationSeconds ?? -2,
    ttlIsInherited: artifact.ttlDurationSeconds === null,
    tags: () => [...artifact.tags].map((name) => ({ __typename: "Tag", id: tagId(name), name })),
    historyStep: artifact.historyStep,
    versionIndex: artifact.versionIndex,
    size: () => String(entries().reduce((sum, [, entry]) => sum + (entry.size ?? 0), 0)),
    fileCount: () => entries().length,
    commitHash: `commit-${artifact.id}`,
    createdAt: artifact.createdAt,
    updatedAt: artifact.updatedAt,
    artifactType: { __typename: "ArtifactType", name: artifact.type },
    artifactSequence: () => collectionNode(context, artifact.collection),
    aliases: () => memberships(context, artifact).flatMap((member) => aliasNodes(context, member)),
    artifactMemberships: (args: JsonMap) =>
      connection(
        "ArtifactCollectionMembership",
        memberships(context, artifact),
        (member) => membershipNode(context, member),
        args,
      ),
    createdBy: () => (artifact.createdBy === undefined ? null : runNode(context, artifact.createdBy)),
    usedBy: (args: JsonMap) => connection("Run", [...artifact.usedBy], (run) => runNode(context, run), args),
    currentManifest: () => {
      const record = artifact.manifests.findLast(({ blob }) => blob !== undefined);
      return record === undefined
        ? null
        : {
            __typename: "ArtifactManifest",
            id: record.id,
            file: {
              __typename: "File",
              directUrl: () =>
                context.storage.downloadUrl(record.name, artifact.manifestBlob ?? record.blob!),
            },
          };
    },
    files: (args: JsonMap) => filesConnection(context, artifact, args),
    filesByManifestEntries: ({ entries: wanted }: JsonMap) =>
      filesConnection(context, artifact, {
        names: ((wanted ?? []) as { readonly name: string }[]).map(({ name }) => name),
      }),
  };
}

function filesConnection(context: SchemaContext, artifact: Artifact, args: JsonMap) {
  const names = args["names"] as readonly string[] | undefined | null;
  const entries = Object.entries(artifact.manifest?.contents ?? {}).filter(
    ([path]) => !names || names.includes(path),
  );
  return connection("File", entries, ([path, entry]) => fileNode(context, artifact, path, entry), args);
}

function fileNode(context: SchemaContext, artifact: Artifact, path: string, entry: ManifestEntry): Node {
  const blob = entry.ref === undefined ? contentOf(context.store, artifact, path, entry) : undefined;
  const url = () => (blob === undefined ? (entry.ref ?? null) : context.storage.downloadUrl(path, blob));
  return {
    __typename: "File",
    id: Buffer.from(`File:${artifact.id}:${path}`).toString("base64"),
    name: path,
    displayName: path,
    url,
    directUrl: url,
    sizeBytes: String(entry.size ?? 0),
    storagePath: path,
    mimetype: "application/octet-stream",
    updatedAt: artifact.updatedAt,
    digest: entry.digest,
    md5: entry.digest,
  };
}

function memberships(context: SchemaContext, artifact: Artifact): Membership[] {
  const found: Membership[] = [];
  for (const project of context.store.projects.values())
    for (const collection of project.collections.values())
      found.push(...collection.members.filter((member) => member.artifact === artifact));
  return found;
}

function aliasNodes(context: SchemaContext, { collection, artifact, versionIndex }: Membership) {
  return [...(artifact.aliases.get(collection.id) ?? []), `v${versionIndex}`].map((alias) => ({
    __typename: "ArtifactAlias",
    id: Buffer.from(`ArtifactAlias:${collection.id}:${alias}`).toString("base64"),
    alias,
    artifactCollection: () => collectionNode(context, collection),
  }));
}

const tagId = (name: string): string => Buffer.from(`Tag:${name}`).toString("base64");

export function membershipNode(context: SchemaContext, member: Membership): Node {
  return {
    __typename: "ArtifactCollectionMembership",
    id: member.id,
    versionIndex: member.versionIndex,
    createdAt: member.createdAt,
    aliases: () => aliasNodes(context, member),
    artifactCollection: () => collectionNode(context, member.collection),
    artifact: () => artifactNode(context, member.artifact),
    files: (args: JsonMap) => filesConnection(context, member.artifact, args),
  };
}

/** `ArtifactSequence` and `ArtifactPortfolio`, the kinds of `ArtifactCollection`. */
export function collectionNode(context: SchemaContext, collection: Collection): Node {
  const { members } = collection;
  const type = { __typename: "ArtifactType", name: collection.type };
  return {
    __typename: collection.kind,
    id: collection.id,
    name: collection.name,
    description: collection.description,
    state: "READY",
    createdAt: collection.createdAt,
    updatedAt: members.at(-1)?.createdAt ?? collection.createdAt,
    project: () => projectNode(context, collection.project),
    defaultArtifactType: type,
    digestAlgorithm: members.at(-1)?.artifact.digestAlgorithm ?? "MANIFEST_MD5",
    latestArtifact: () => {
      const last = members.at(-1);
      return last === undefined ? null : artifactNode(context, last.artifact);
    },
    tags: connection(
      "Tag",
      [...collection.tags],
      (name) => ({ __typename: "Tag", id: tagId(name), name }),
      {},
    ),
    aliases: (args: JsonMap) =>
      connection(
        "ArtifactAlias",
        members.flatMap((member) => aliasNodes(context, member)),
        (alias) => alias,
        args,
      ),
    artifacts: (args: JsonMap) =>
      connection(
        "VersionedArtifact",
        [...members].reverse(),
        ({ artifact }) => artifactNode(context, artifact),
        args,
        ({ versionIndex }) => ({ version: `v${versionIndex}` }),
      ),
    artifactMembership: ({ aliasName }: JsonMap) => {
      const found = members.find(
        ({ artifact, versionIndex }) =>
          `v${versionIndex}` === aliasName || artifact.aliases.get(collection.id)?.has(aliasName as string),
      );
      return found === undefined ? null : membershipNode(context, found);
    },
  };
}
