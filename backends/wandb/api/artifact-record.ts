import { operation } from "../server/graphql.js";

/** A collection as artifacts name it. */
export interface CollectionInfo {
  readonly __typename: string;
  readonly name: string;
  readonly project: { readonly name: string; readonly entity: { readonly name: string } } | null;
}

/** What the server tells of a version. */
export interface ArtifactRecord {
  readonly id: string;
  readonly artifactSequence: CollectionInfo;
  readonly versionIndex: number | null;
  readonly artifactType: { readonly name: string };
  readonly description: string | null;
  /** JSON text. */
  readonly metadata: string | null;
  readonly ttlDurationSeconds: number | string | null;
  readonly ttlIsInherited: boolean | null;
  readonly tags: readonly { readonly name: string }[] | null;
  readonly historyStep: number | null;
  readonly state: string;
  readonly size: number | string | null;
  readonly digest: string;
  readonly commitHash: string | null;
  readonly fileCount: number | string | null;
  readonly createdAt: string;
  readonly updatedAt: string | null;
  readonly aliases:
    | readonly { readonly alias: string; readonly artifactCollection: CollectionInfo | null }[]
    | null;
}

const COLLECTION = "__typename name project { name entity { name } }";

/** The fields of an artifact; `aliases` of all collections it is in. */
export const ARTIFACT = `id artifactSequence { ${COLLECTION} } versionIndex artifactType { name } description metadata
  ttlDurationSeconds ttlIsInherited tags { name } historyStep state size digest commitHash fileCount createdAt updatedAt
  aliases { alias artifactCollection { ${COLLECTION} } }`;

export const MEMBERSHIP_BY_NAME =
  operation(`query ArtifactMembershipByName($entity: String!, $project: String!,
    $name: String!) {
  project(name: $project, entityName: $entity) { artifactCollectionMembership(name: $name) {
    versionIndex artifactCollection { ${COLLECTION} } artifact { ${ARTIFACT} } } } }`);
/** For servers that know no memberships. */
export const ARTIFACT_BY_NAME =
  operation(`query ArtifactByName($entity: String!, $project: String!, $name: String!) {
  project(name: $project, entityName: $entity) { artifact(name: $name) { ${ARTIFACT} } } }`);

const RUN_PATH = "name project { name entityName }";
export const CREATED_BY = operation(`query ArtifactCreatedBy($id: ID!) {
  artifact(id: $id) { createdBy { __typename ... on Run { ${RUN_PATH} } } } }`);
export const USED_BY = operation(`query ArtifactUsedBy($id: ID!) {
  artifact(id: $id) { usedBy { edges { node { ${RUN_PATH} } } } } }`);

export const UPDATE = operation(`mutation UpdateArtifact($input: UpdateArtifactInput!) {
  updateArtifact(input: $input) { artifact { ${ARTIFACT} } } }`);
export const ADD_ALIASES = operation(`mutation AddAliases($input: AddAliasesInput!) {
  addAliases(input: $input) { success } }`);
export const DELETE_ALIASES = operation(`mutation DeleteAliases($input: DeleteAliasesInput!) {
  deleteAliases(input: $input) { success } }`);
export const DELETE = operation(`mutation DeleteArtifact($input: DeleteArtifactInput!) {
  deleteArtifact(input: $input) { artifact { id } } }`);
