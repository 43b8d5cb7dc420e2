import { operation } from "../server/graphql.js";
import type { ApiArtifact } from "./artifact.js";
import { ARTIFACT, type ArtifactRecord } from "./artifact-record.js";
import { artifactOf } from "./find-artifact.js";
import { type ConnectionAnswer, type PageOptions, type Pages, pagesOf } from "./pages.js";
import type { ItemPath, ProjectPath } from "./paths.js";
import { type ApiSession, notFound } from "./session.js";

/** A type of artifacts in a project: `model`, `dataset` ... */
export interface ApiArtifactType {
  readonly name: string;
  readonly description: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The collections of this type. */
  collections(options?: PageOptions): Pages<ApiArtifactCollection>;
}

/** Versions of artifacts under one name. */
export interface ApiArtifactCollection {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly name: string;
  readonly type: string;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** Whether versions are logged to it; else it has links to versions of others. */
  readonly isSequence: boolean;
  /** Its versions, newest first. */
  artifacts(options?: VersionOptions): Pages<ApiArtifact>;
}

/** Which versions of a collection are listed, and how many a page. */
export interface VersionOptions extends PageOptions {
  /** For instance `-createdAt`. Default: the newest version first. */
  readonly order?: string | undefined;
  /** Only versions with all of these tags. */
  readonly tags?: readonly string[] | undefined;
}

const PAGE_INFO = "pageInfo { endCursor hasNextPage }";
const COLLECTION = `__typename id name description createdAt project { name entity { name } }
  defaultArtifactType { name } tags { edges { node { name } } }`;

const TYPES = operation(`query ProjectArtifactTypes($project: String!, $entity: String!, $cursor: String,
    $perPage: Int) {
  project(name: $project, entityName: $entity) { artifactTypes(after: $cursor, first: $perPage) {
    ${PAGE_INFO} edges { node { name description createdAt } } } } }`);
const COLLECTIONS_OF_TYPE =
  operation(`query ArtifactTypeArtifactCollections($project: String!, $entity: String!,
    $type: String!, $cursor: String, $perPage: Int) {
  project(name: $project, entityName: $entity) { artifactType(name: $type) {
    artifactCollections(after: $cursor, first: $perPage) {
      totalCount ${PAGE_INFO} edges { node { ${COLLECTION} } } } } } }`);
const COLLECTIONS =
  operation(`query ProjectArtifactCollections($project: String!, $entity: String!, $cursor: String,
    $perPage: Int) {
  project(name: $project, entityName: $entity) { artifactCollections(after: $cursor, first: $perPage) {
    totalCount ${PAGE_INFO} edges { node { ${COLLECTION} } } } } }`);
const VERSIONS = operation(`query ProjectArtifacts($project: String!, $entity: String!, $type: String!,
    $name: String!, $cursor: String, $perPage: Int, $order: String, $filters: JSONString) {
  project(name: $project, entityName: $entity) { artifactType(name: $type) { artifactCollection(name: $name) {
    artifacts(after: $cursor, first: $perPage, order: $order, filters: $filters) {
      totalCount ${PAGE_INFO} edges { version node { ${ARTIFACT} } } } } } } }`);

interface CollectionRecord {
  readonly __typename: string;
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly createdAt: string;
  readonly project: { readonly name: string; readonly entity: { readonly name: string } } | null;
  readonly defaultArtifactType: { readonly name: string };
  readonly tags: { readonly edges: readonly { readonly node: { readonly name: string } }[] } | null;
}

interface Answer<Project> {
  readonly project: Project | null;
}

/** The types of artifacts in a project. */
export function artifactTypes(
  session: ApiSession,
  where: () => Promise<ProjectPath>,
  options: PageOptions,
): Pages<ApiArtifactType> {
  type Record = Pick<ApiArtifactType, "name" | "createdAt"> & { readonly description: string | null };
  return pagesOf(
    async (perPage, cursor) => {
      const path = await where();
      const { project } = await session.query<Answer<{ artifactTypes: ConnectionAnswer<Record> }>>(TYPES, {
        ...path,
        perPage,
        cursor,
      });
      if (project === null) throw notFound(`project ${path.entity}/${path.project}`);
      return project.artifactTypes;
    },
    ({ name, description, createdAt }: Record): ApiArtifactType => ({
      name,
      description: description ?? undefined,
      createdAt,
      collections: (more = {}) => artifactCollections(session, where, name, more),
    }),
    options,
  );
}

/** The collections of a project, all or of one type. */
export function artifactCollections(
  session: ApiSession,
  where: () => Promise<ProjectPath>,
  type: string | undefined,
  options: PageOptions,
): Pages<ApiArtifactCollection> {
  type List = { artifactCollections: ConnectionAnswer<CollectionRecord> };
  const fetchPage = async (perPage: number, cursor: string | undefined) => {
    const path = await where();
    const variables = { ...path, type, perPage, cursor };
    if (type === undefined) {
      const { project } = await session.query<Answer<List>>(COLLECTIONS, variables);
      if (project === null) throw notFound(`project ${path.entity}/${path.project}`);
      return project.artifactCollections;
    }
    const { project } = await session.query<Answer<{ artifactType: List | null }>>(
      COLLECTIONS_OF_TYPE,
      variables,
    );
    if (!project?.artifactType) {
      throw notFound(`artifact type ${JSON.stringify(type)} in ${path.entity}/${path.project}`);
    }
    return project.artifactType.artifactCollections;
  };
  return pagesOf(
    fetchPage,
    (record: CollectionRecord): ApiArtifactCollection => {
      const { project, name } = record;
      const path = { entity: project?.entity.name ?? "", project: project?.name ?? "", name };
      const ownType = record.defaultArtifactType.name;
      return {
        id: record.id,
        ...path,
        type: ownType,
        description: record.description ?? undefined,
        tags: (record.tags?.edges ?? []).map(({ node }) => node.name),
        createdAt: record.createdAt,
        isSequence: record.__typename === "ArtifactSequence",
        artifacts: (more = {}) => artifactVersions(session, async () => path, ownType, more),
      };
    },
    options,
    async () => (await fetchPage(1, undefined)).totalCount ?? 0,
  );
}

/** The versions of a collection. */
export function artifactVersions(
  session: ApiSession,
  where: () => Promise<ItemPath>,
  type: string,
  { order, tags = [], ...options }: VersionOptions,
): Pages<ApiArtifact> {
  type Collection = { artifactCollection: { artifacts: ConnectionAnswer<ArtifactRecord> } | null };
  const filters = tags.length === 0 ? undefined : JSON.stringify({ $and: tags.map((tag) => ({ tag })) });
  const fetchPage = async (perPage: number, cursor: string | undefined) => {
    const path = await where();
    const { project } = await session.query<Answer<{ artifactType: Collection | null }>>(VERSIONS, {
      ...path,
      type,
      perPage,
      cursor,
      order,
      filters,
    });
    const collection = project?.artifactType?.artifactCollection;
    if (!collection) {
      throw notFound(
        `collection ${path.entity}/${path.project}/${path.name} of type ${JSON.stringify(type)}`,
      );
    }
    return collection.artifacts;
  };
  return pagesOf(
    fetchPage,
    (record: ArtifactRecord) => artifactOf(session, record),
    options,
    async () => (await fetchPage(1, undefined)).totalCount ?? 0,
  );
}
