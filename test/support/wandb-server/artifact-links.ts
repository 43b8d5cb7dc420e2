import { findArtifact } from "./artifacts.js";
import { addMember, ensureCollection, giveAlias, type Membership } from "./collections.js";
import { GraphqlError, type JsonMap } from "./graphql/execute.js";
import { ensureProject, findProject, type Store } from "./store.js";

/** An alias as mutations give it; without a collection it is one of the artifact's own. */
interface AliasInput {
  readonly artifactCollectionName?: string;
  readonly entityName?: string;
  readonly projectName?: string;
  readonly alias: string;
}

/** The `linkArtifact` mutation: a membership in a portfolio, which may stand in another project. */
export function linkArtifact(store: Store, input: JsonMap): Membership {
  const artifact = findArtifact(store, (input["artifactID"] ?? input["clientID"]) as string);
  if (artifact === undefined) throw new GraphqlError("artifact not found", 404);
  const project = ensureProject(
    store,
    input["entityName"] as string | null,
    input["projectName"] as string | null,
  );
  const name = input["artifactPortfolioName"] as string;
  const portfolio = ensureCollection(store, project, name, artifact.type, "ArtifactPortfolio");
  const membership = addMember(store, portfolio, artifact);
  for (const { alias } of (input["aliases"] ?? []) as AliasInput[]) giveAlias(portfolio, artifact, alias);
  giveAlias(portfolio, artifact, "latest");
  return membership;
}

/** The `addAliases` and `deleteAliases` mutations. */
export function changeAliases(store: Store, input: JsonMap, remove: boolean): void {
  const artifact = findArtifact(store, input["artifactID"] as string);
  if (artifact === undefined) throw new GraphqlError("artifact not found", 404);
  for (const { alias, artifactCollectionName, entityName, projectName } of (input["aliases"] ??
    []) as AliasInput[]) {
    const project = findProject(store, entityName, projectName);
    const collection = project?.collections.get(artifactCollectionName ?? "") ?? artifact.collection;
    if (remove) artifact.aliases.get(collection.id)?.delete(alias);
    else giveAlias(collection, artifact, alias);
  }
}
