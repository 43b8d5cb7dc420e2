import type { ApiArtifact } from "../api/artifact.js";
import type { ApiOptions } from "../api/session.js";
import type { LinkedArtifact } from "../artifacts/link.js";

/** A run that asks the server something from the script's thread, and how it reaches it. */
export interface RequestingRun extends Required<Pick<ApiOptions, "baseUrl" | "apiKey">> {
  readonly entity: string;
  readonly project: string;
  readonly id: string;
}

/** What reads and links is loaded when it is used: a script that only logs needs none of it. */
async function open(run: RequestingRun) {
  const [{ Api }, { createSession }] = await Promise.all([
    import("../api/api.js"),
    import("../api/session.js"),
  ]);
  return { api: new Api(run), session: createSession(run) };
}

/** Finds a version, unless it was found before, and makes it an input of the run. */
export async function useVersion(
  run: RequestingRun,
  version: string | ApiArtifact,
  type: string | undefined,
): Promise<ApiArtifact> {
  const { api, session } = await open(run);
  const { useArtifact } = await import("../artifacts/use-artifact.js");
  const artifact =
    typeof version === "string" ? await api.artifact(version, type === undefined ? {} : { type }) : version;
  const use = {
    entity: run.entity,
    project: run.project,
    runName: run.id,
    artifactID: artifact.id,
    artifactEntity: artifact.entity,
    artifactProject: artifact.project,
  };
  await session.ask((connection, options) => useArtifact(connection, use, options));
  return artifact;
}

/** Puts a version into a collection of a registry or project. */
export async function linkVersion(
  run: RequestingRun,
  artifactID: string,
  target: string,
  aliases: readonly string[],
): Promise<LinkedArtifact> {
  const { session } = await open(run);
  const { linkArtifact } = await import("../artifacts/link.js");
  const { entity, project } = run;
  const organization = process.env["WANDB_ORGANIZATION"];
  const link = { artifact: { artifactID }, target, aliases, entity, project, organization };
  return session.ask((connection, options) => linkArtifact(connection, link, options));
}

/** Fetches everything that the server has of the run. */
export async function downloadWhole(run: RequestingRun): Promise<string> {
  const { downloadRun } = await import("../api/download-run.js");
  const { entity, project, id, ...options } = run;
  return downloadRun([entity, project, id].filter((part) => part !== "").join("/"), options);
}
