import { ApiArtifact } from "./artifact.js";
import {
  ARTIFACT_BY_NAME,
  type ArtifactRecord,
  type CollectionInfo,
  MEMBERSHIP_BY_NAME,
} from "./artifact-record.js";
import type { ItemPath } from "./paths.js";
import { type ApiSession, isRefusedField, notFound } from "./session.js";

interface Membership {
  readonly versionIndex: number | null;
  readonly artifactCollection: CollectionInfo | null;
  readonly artifact: ArtifactRecord | null;
}

/** @throws TraceletError `invalid-value` when there is no such version */
export async function fetchArtifact(session: ApiSession, path: ItemPath): Promise<ApiArtifact> {
  const found = await findArtifact(session, path);
  if (found === undefined) throw notFound(`artifact ${path.entity}/${path.project}/${path.name}`);
  return found;
}

/** As `fetchArtifact`; undefined when there is none. */
export async function findArtifact(session: ApiSession, path: ItemPath): Promise<ApiArtifact | undefined> {
  const alias = path.name.slice(path.name.indexOf(":") + 1);
  try {
    const { project } = await session.query<{
      project: { artifactCollectionMembership: Membership | null } | null;
    }>(MEMBERSHIP_BY_NAME, { ...path });
    const member = project?.artifactCollectionMembership;
    if (!member?.artifact || !member.artifactCollection) return undefined;
    const { artifact, artifactCollection, versionIndex } = member;
    return new ApiArtifact(session, artifact, { collection: artifactCollection, versionIndex, alias });
  } catch (error) {
    if (!isRefusedField(error)) throw error;
  }
  const { project } = await session.query<{ project: { artifact: ArtifactRecord | null } | null }>(
    ARTIFACT_BY_NAME,
    { ...path },
  );
  const artifact = project?.artifact;
  if (!artifact) return undefined;
  const { artifactSequence: collection, versionIndex } = artifact;
  return new ApiArtifact(session, artifact, { collection, versionIndex, alias });
}

/** A version by its own collection. */
export function artifactOf(session: ApiSession, record: ArtifactRecord): ApiArtifact {
  return new ApiArtifact(session, record, {
    collection: record.artifactSequence,
    versionIndex: record.versionIndex,
  });
}
