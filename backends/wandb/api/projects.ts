import { projectPage } from "../server/address.js";
import { operation } from "../server/graphql.js";
import { type ConnectionAnswer, type PageOptions, type Pages, pagesOf } from "./pages.js";
import { type ApiSession, notFound } from "./session.js";

/** A project on the server. */
export interface ApiProject {
  readonly id: string;
  readonly name: string;
  readonly entity: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** `entity/project`. */
  readonly path: string;
  /** Address of its page. */
  readonly url: string;
}

/** Whose key it is. */
export interface ApiViewer {
  readonly id: string;
  /** Login. */
  readonly username: string;
  readonly email: string | undefined;
  /** Default user or team. */
  readonly entity: string | undefined;
  readonly teams: readonly string[];
}

interface ProjectRecord {
  readonly id: string;
  readonly name: string;
  readonly entityName: string;
  readonly createdAt: string;
}

const PROJECTS = operation(`query GetProjects($entity: String, $cursor: String, $perPage: Int = 50) {
  models(entityName: $entity, after: $cursor, first: $perPage) {
    edges { node { id name entityName createdAt } } pageInfo { endCursor hasNextPage } } }`);
const VIEWER = operation(`query GetViewer {
  viewer { id username email entity teams { edges { node { name } } } } }`);

/** The projects of a user or team. */
export function projectsOf(
  session: ApiSession,
  entity: string | undefined,
  { perPage = 200, ...options }: PageOptions,
): Pages<ApiProject> {
  return pagesOf(
    async (first, cursor) => {
      const variables = { entity: entity ?? (await session.entity()), perPage: first, cursor };
      const { models } = await session.query<{ models: ConnectionAnswer<ProjectRecord> }>(
        PROJECTS,
        variables,
      );
      return models;
    },
    ({ id, name, entityName, createdAt }: ProjectRecord): ApiProject => {
      const path = `${entityName}/${name}`;
      const url = projectPage({ app: session.appUrl, entity: entityName, project: name });
      return { id, name, entity: entityName, createdAt, path, url };
    },
    { perPage, ...options },
  );
}

/** Whose key it is. */
export async function fetchViewer(session: ApiSession): Promise<ApiViewer> {
  const { viewer } = await session.query<{
    viewer: {
      readonly id: string;
      readonly username: string;
      readonly email: string | null;
      readonly entity: string | null;
      readonly teams: { readonly edges: readonly { readonly node: { readonly name: string } }[] } | null;
    } | null;
  }>(VIEWER, {});
  if (viewer === null) throw notFound("user of this key");
  const { id, username, email, entity, teams } = viewer;
  return {
    id,
    username,
    email: email ?? undefined,
    entity: entity ?? undefined,
    teams: (teams?.edges ?? []).map(({ node }) => node.name),
  };
}
