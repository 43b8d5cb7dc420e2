import type { Connection } from "../server/connection.js";
import { operation, type QueryOptions } from "../server/graphql.js";

/** A run, and the artifact that is an input of it. */
export interface ArtifactUse {
  readonly entity: string;
  readonly project: string;
  /** The run's id. */
  readonly runName: string;
  readonly artifactID: string;
  /** Where the artifact stands. Default: where the run does. */
  readonly artifactEntity?: string | undefined;
  readonly artifactProject?: string | undefined;
}

const USE_ARTIFACT = operation(`
  mutation UseArtifact($input: UseArtifactInput!) { useArtifact(input: $input) { artifact { id } } }
`);

/**
 * Makes an artifact an input of a run. Repeating it changes nothing.
 *
 * @throws RequestError when the server refuses.
 *
 * @example
 * ```ts
 * await useArtifact(connection, { entity: "team", project: "vision", runName: "a1b2c3d4", artifactID });
 * ```
 */
export async function useArtifact(
  connection: Connection,
  use: ArtifactUse,
  options: QueryOptions = {},
): Promise<void> {
  const { entity, project, runName, artifactID, artifactEntity = entity, artifactProject = project } = use;
  const located = await connection.hasFeature("USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION");
  await connection.graphql.query(
    USE_ARTIFACT,
    {
      input: {
        ...(located ? { artifactEntityName: artifactEntity, artifactProjectName: artifactProject } : {}),
        artifactID,
        clientMutationId: null,
        entityName: entity,
        projectName: project,
        runName,
        usedAs: null,
      },
    },
    options,
  );
}
