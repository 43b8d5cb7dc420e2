import { Api } from "../api/api.js";
import type { ApiArtifact } from "../api/artifact.js";
import { downloadRun } from "../api/download-run.js";
import { type ApiOptions, createSession } from "../api/session.js";
import { type LinkedArtifact, linkArtifact } from "../artifacts/link.js";
import { useArtifact } from "../artifacts/use-artifact.js";

/** A run that asks the server something from the script's thread, and how it reaches it. */
export interface RequestingRun extends Required<Pick<ApiOptions, "baseUrl" | "apiKey">> {
  readonly entity: string;
  readonly project: string;
  readonly id: string;
}

/** Finds a version, unless it was found before, and makes it an input of the run. */
export async function useVersion(
  run: RequestingRun,
  version: string | ApiArtifact,
  type: string | undefined,
): Promise<ApiArtifact> {
  const artifact =
    typeof version === "string"
      ? await new Api(run).artifact(version, type === undefined ? {} : { type })
      : version;
  const use = {
    entity: run.entity,
    project: run.project,
    runName: run.id,
    artifactID: artifact.id,
    artifactEntity: artifact.entity,
    artifactProject: artifact.project,
  };
  await createSession(run).ask((connection, options) => useArtifact(connection, use, options));
  return artifact;
}

/** Puts a version into a collection of a registry or project. */
export async function linkVersion(
  run: RequestingRun,
  artifactID: string,
  target: string,
  aliases: readonly string[],
): Promise<LinkedArtifact> {
  const { entity, project } = run;
  const organization = process.env["WANDB_ORGANIZATION"];
  const link = { artifact: { artifactID }, target, aliases, entity, project, organization };
  return createSession(run).ask((connection, options) => linkArtifact(connection, link, options));
}

/** Fetches everything that the server has of the run. */
export async function downloadWhole(run: RequestingRun): Promise<string> {
  const { entity, project, id, ...options } = run;
  return downloadRun([entity, project, id].filter((part) => part !== "").join("/"), options);
}
