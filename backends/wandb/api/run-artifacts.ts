import { operation } from "../server/graphql.js";
import type { ApiArtifact } from "./artifact.js";
import { ARTIFACT, type ArtifactRecord } from "./artifact-record.js";
import { artifactOf } from "./find-artifact.js";
import { type ConnectionAnswer, type PageOptions, type Pages, pagesOf } from "./pages.js";
import type { ItemPath } from "./paths.js";
import { type ApiSession, notFound } from "./session.js";

const PAGE = `totalCount pageInfo { endCursor hasNextPage } edges { node { ${ARTIFACT} } }`;
const INPUTS = operation(`query RunInputArtifacts($project: String!, $entity: String!, $name: String!,
    $cursor: String, $perPage: Int) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    artifacts: inputArtifacts(after: $cursor, first: $perPage) { ${PAGE} } } } }`);
const OUTPUTS = operation(`query RunOutputArtifacts($project: String!, $entity: String!, $name: String!,
    $cursor: String, $perPage: Int) {
  project(name: $project, entityName: $entity) { run(name: $name) {
    artifacts: outputArtifacts(after: $cursor, first: $perPage) { ${PAGE} } } } }`);

interface Answer {
  readonly project: { readonly run: { readonly artifacts: ConnectionAnswer<ArtifactRecord> } | null } | null;
}

function artifactsOf(
  session: ApiSession,
  path: ItemPath,
  asked: typeof INPUTS,
  { perPage = 100, ...options }: PageOptions,
): Pages<ApiArtifact> {
  const fetchPage = async (first: number, cursor: string | undefined) => {
    const { project } = await session.query<Answer>(asked, { ...path, perPage: first, cursor });
    if (!project?.run) throw notFound(`run ${path.entity}/${path.project}/${path.name}`);
    return project.run.artifacts;
  };
  return pagesOf(
    fetchPage,
    (record: ArtifactRecord) => artifactOf(session, record),
    { perPage, ...options },
    async () => (await fetchPage(1, undefined)).totalCount ?? 0,
  );
}

/** What a run used. */
export function inputArtifacts(
  session: ApiSession,
  path: ItemPath,
  options: PageOptions,
): Pages<ApiArtifact> {
  return artifactsOf(session, path, INPUTS, options);
}

/** What a run logged. */
export function outputArtifacts(
  session: ApiSession,
  path: ItemPath,
  options: PageOptions,
): Pages<ApiArtifact> {
  return artifactsOf(session, path, OUTPUTS, options);
}
