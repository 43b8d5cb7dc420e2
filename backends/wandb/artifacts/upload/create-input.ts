import type { ArtifactRecord } from "../../records/record.js";

/** A run as the server knows it. */
export interface RunAddress {
  readonly entity: string;
  readonly project: string;
  readonly runId: string;
}

/** The input of `CreateArtifact`, with the nulls of the official client 0.31. */
export function createInput(record: ArtifactRecord, { entity, project, runId }: RunAddress) {
  const { name = "", aliases = [], tags = [] } = record;
  const region = record.manifest?.storagePolicyConfig?.find(({ key }) => key === "storageRegion");
  return {
    aliases: aliases.map((alias) => ({ alias, artifactCollectionName: name })),
    artifactCollectionName: name,
    artifactCollectionNames: null,
    artifactTypeName: record.type ?? "",
    clientID: record.clientId ?? "",
    clientMutationId: null,
    description: record.description || null,
    digest: record.digest ?? "",
    digestAlgorithm: record.digestAlgorithm || "MANIFEST_MD5",
    distributedID: record.distributedId || null,
    enableDigestDeduplication: true,
    entityName: entity,
    historyStep: record.historyStep || null,
    labels: null,
    metadata: record.metadata || null,
    projectName: project,
    runName: record.userCreated ? null : runId,
    sequenceClientID: record.sequenceClientId ?? "",
    storageRegion: region === undefined ? null : (JSON.parse(region.valueJson) as unknown),
    ...(tags.length === 0
      ? {}
      : { tags: tags.map((tagName) => ({ attributes: null, tagCategoryName: null, tagName })) }),
    ttlDurationSeconds: record.ttlDurationSeconds || null,
  };
}
