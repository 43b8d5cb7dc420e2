import { TraceletError } from "../../../src/errors.js";
import type { Connection } from "../server/connection.js";
import { operation, type QueryOptions } from "../server/graphql.js";
import { checkLinkAliases } from "./rules.js";

/** What is linked, and where to. */
export interface ArtifactLink {
  /** The server's id of the version, or the client's, of one that this process has logged. */
  readonly artifact: { readonly artifactID: string } | { readonly clientID: string };
  /** `[[entity/]project/]collection`; in a registry `[organization/]wandb-registry-<name>/<collection>`. */
  readonly target: string;
  /** In the collection, besides `latest`, which the server gives. */
  readonly aliases?: readonly string[] | undefined;
  /** Of the run that links: what the target leaves out. */
  readonly entity: string;
  readonly project: string;
  /** `WANDB_ORGANIZATION`: for a registry whose organization the target leaves out. */
  readonly organization?: string | undefined;
}

/** Where the version now stands. */
export interface LinkedArtifact {
  /** `entity/project/collection:v<n>`. */
  readonly path: string;
}

const LINK_ARTIFACT = operation(`
  mutation LinkArtifact($input: LinkArtifactInput!) { result: linkArtifact(input: $input) { versionIndex } }
`);
const FETCH_ORGANIZATIONS = operation(`
  query FetchOrgInfoFromEntity($entity: String!) {
    entity(name: $entity) {
      organization { name orgEntity { name } }
      user { organizations { name orgEntity { name } } }
    }
  }
`);
/** Projects of registries belong to organizations. */
export const REGISTRY = /^wandb-registry-./;

/**
 * Puts a version into a collection of another place, for instance of a registry. The version must be committed.
 *
 * @throws TraceletError `invalid-value` when the target is none or its organization cannot be told; RequestError when
 *   the server refuses.
 *
 * @example
 * ```ts
 * await linkArtifact(connection, { artifact: { artifactID }, target: "wandb-registry-model/resnet", entity, project });
 * ```
 */
export async function linkArtifact(
  connection: Connection,
  link: ArtifactLink,
  options: QueryOptions = {},
): Promise<LinkedArtifact> {
  const { entity, project, organization, aliases = [] } = link;
  const target = readTarget(link.target);
  const projectName = target.project ?? project;
  const entityName = REGISTRY.test(projectName)
    ? await organizationEntity(connection, entity, target.entity ?? organization, options)
    : (target.entity ?? entity);
  const { result } = await connection.graphql.query<{
    readonly result: { readonly versionIndex: number | null } | null;
  }>(
    LINK_ARTIFACT,
    {
      input: {
        aliases: checkLinkAliases(aliases).map((alias) => ({
          alias,
          artifactCollectionName: target.collection,
        })),
        ...link.artifact,
        artifactPortfolioName: target.collection,
        entityName,
        projectName,
      },
    },
    options,
  );
  const version = result?.versionIndex;
  const path = `${entityName}/${projectName}/${target.collection}`;
  return { path: typeof version === "number" ? `${path}:v${version}` : path };
}

function readTarget(target: string) {
  const parts = target.split("/");
  if (parts.length > 3 || parts.some((part) => part === "") || target.includes(":")) {
    refuse(`the target of a link is "[[entity/]project/]collection", got "${target}"`);
  }
  const [collection, project, entity] = parts.reverse();
  return { collection: collection!, project, entity };
}

interface Organization {
  readonly name: string;
  readonly orgEntity: { readonly name: string } | null;
}
interface EntityAnswer {
  readonly entity: {
    readonly organization: Organization | null;
    readonly user: { readonly organizations: readonly Organization[] | null } | null;
  } | null;
}

/** The entity of the organization that an entity belongs to; `wanted` is its name or its entity's. */
export async function organizationEntity(
  connection: Connection,
  entity: string,
  wanted: string | undefined,
  options: QueryOptions,
): Promise<string> {
  const answer = await connection.graphql.query<EntityAnswer>(FETCH_ORGANIZATIONS, { entity }, options);
  const { organization, user } = answer.entity ?? { organization: null, user: null };
  const all = [...(organization === null ? [] : [organization]), ...(user?.organizations ?? [])].flatMap(
    ({ name, orgEntity }) => (orgEntity === null ? [] : [{ name, entity: orgEntity.name }]),
  );
  const fitting = all.filter(({ name, entity }) => !wanted || wanted === name || wanted === entity);
  // A team is in one organization; people may be in several.
  const entities = organization !== null && !wanted ? all.slice(0, 1) : fitting;
  const names = new Set(entities.map((each) => each.entity));
  const [found] = names;
  if (names.size === 1) return found!;
  const known = all.map(({ name }) => `"${name}"`).join(", ") || "none";
  if (wanted) refuse(`"${entity}" does not belong to the organization "${wanted}", but to: ${known}`);
  refuse(
    names.size === 0
      ? `"${entity}" belongs to no organization, so that it has no registry; link as a team that has one`
      : `"${entity}" belongs to several organizations; begin the target with one of them: ${known}`,
  );
}

function refuse(rule: string): never {
  throw new TraceletError("invalid-value", `linkArtifact: ${rule}.`, { backend: "wandb" });
}
