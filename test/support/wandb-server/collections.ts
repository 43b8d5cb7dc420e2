import type { Artifact } from "./artifacts.js";
import { GraphqlError } from "./graphql/execute.js";
import type { Project, Store } from "./store.js";

/** Versions under one name (a sequence), or links to versions of other collections (a portfolio). */
export interface Collection {
  readonly id: string;
  readonly name: string;
  readonly kind: "ArtifactSequence" | "ArtifactPortfolio";
  readonly type: string;
  readonly project: Project;
  readonly createdAt: string;
  description: string | null;
  readonly tags: Set<string>;
  /** Committed versions in order; `v0` is the first. */
  readonly members: Membership[];
}

export interface Membership {
  readonly id: string;
  readonly collection: Collection;
  readonly artifact: Artifact;
  readonly versionIndex: number;
  readonly createdAt: string;
}

export function ensureCollection(
  store: Store,
  project: Project,
  name: string,
  type: string,
  kind: Collection["kind"],
): Collection {
  const found = project.collections.get(name);
  if (found !== undefined) {
    if (found.type !== type)
      throw new GraphqlError(`collection ${name} holds artifacts of type ${found.type}, not ${type}`, 409);
    return found;
  }
  const collection: Collection = {
    id: store.newId("ArtifactCollection"),
    name,
    kind,
    type,
    project,
    createdAt: new Date().toISOString(),
    description: null,
    tags: new Set(),
    members: [],
  };
  project.collections.set(name, collection);
  return collection;
}

/** Moves an alias: inside a collection it names one version. */
export function giveAlias(collection: Collection, artifact: Artifact, alias: string): void {
  for (const member of collection.members) member.artifact.aliases.get(collection.id)?.delete(alias);
  const own = artifact.aliases.get(collection.id) ?? new Set();
  artifact.aliases.set(collection.id, own.add(alias));
}

export function addMember(store: Store, collection: Collection, artifact: Artifact): Membership {
  const found = collection.members.find((member) => member.artifact === artifact);
  if (found !== undefined) return found;
  const membership: Membership = {
    id: store.newId("ArtifactCollectionMembership"),
    collection,
    artifact,
    versionIndex: (collection.members.at(-1)?.versionIndex ?? -1) + 1,
    createdAt: new Date().toISOString(),
  };
  collection.members.push(membership);
  return membership;
}

/** Finds `<collection>:<alias or vN>`; without a colon it is the latest. */
export function findMembership(project: Project | undefined, name: string): Membership | undefined {
  const colon = name.indexOf(":");
  const collection = project?.collections.get(colon < 0 ? name : name.slice(0, colon));
  const alias = colon < 0 ? "latest" : name.slice(colon + 1);
  return collection?.members.find(
    (member) => `v${member.versionIndex}` === alias || member.artifact.aliases.get(collection.id)?.has(alias),
  );
}
