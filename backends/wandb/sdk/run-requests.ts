import type { ApiArtifact } from "../api/artifact.js";
import type { LinkedArtifact } from "../artifacts/link.js";
import type { RunSettings } from "../settings/run-settings.js";

/** A run as requests from the script's thread name it. */
export interface RequestingRun {
  readonly entity: string;
  readonly project: string;
  readonly id: string;
  readonly settings: RunSettings;
  /** The key that the script gave, if it did. */
  readonly apiKey: string | undefined;
}

/** What is read and linked is loaded when it is used: a script that only logs needs none of it. */
async function open({ entity, project, settings: { values }, apiKey }: RequestingRun) {
  const [{ Api }, { createSession }] = await Promise.all([
    import("../api/api.js"),
    import("../api/session.js"),
  ]);
  const options = { baseUrl: values.baseUrl, apiKey, entity, project };
  return { api: new Api(options), connection: () => createSession(options).connection() };
}

/** Finds a version and makes it an input of the run. */
export async function useNamed(
  run: RequestingRun,
  name: string,
  type: string | undefined,
): Promise<ApiArtifact> {
  const { api, connection } = await open(run);
  const artifact = await api.artifact(name, type === undefined ? {} : { type });
  const { useArtifact } = await import("../artifacts/use-artifact.js");
  await useArtifact(await connection(), {
    entity: run.entity,
    project: run.project,
    runName: run.id,
    artifactID: artifact.id,
    artifactEntity: artifact.entity,
    artifactProject: artifact.project,
  });
  return artifact;
}

/** Puts a version into a collection of a registry or project. */
export async function linkVersion(
  run: RequestingRun,
  artifactID: string,
  target: string,
  aliases: readonly string[],
): Promise<LinkedArtifact> {
  const { connection } = await open(run);
  const { linkArtifact } = await import("../artifacts/link.js");
  const { entity, project } = run;
  const organization = process.env["WANDB_ORGANIZATION"];
  return linkArtifact(await connection(), {
    artifact: { artifactID },
    target,
    aliases,
    entity,
    project,
    organization,
  });
}
