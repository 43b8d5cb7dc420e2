import { type Collection, findMembership } from "../collections.js";
import type { JsonMap, Node } from "../graphql/execute.js";
import { connection } from "../pages.js";
import { matchesFilter, orderRuns } from "../run-filters.js";
import type { Project, Run } from "../store.js";
import { artifactNode, collectionNode, membershipNode } from "./artifact-node.js";
import type { SchemaContext } from "./context.js";
import { runNode } from "./run-node.js";
import { sweepNode } from "./sweep-node.js";
import { viewerNode } from "./viewer-node.js";

/** The `Project` type (`model` in older queries). */
export function projectNode(context: SchemaContext, project: Project): Node {
  const { store } = context;
  const run = ({ name }: JsonMap) => {
    const found = project.runs.get(name as string);
    return found === undefined ? null : runNode(context, found);
  };
  const matching = ({ filters }: JsonMap): Run[] => {
    const filter = typeof filters === "string" ? (JSON.parse(filters) as JsonMap) : {};
    return [...project.runs.values()].filter((candidate) => matchesFilter(candidate, filter));
  };
  const collections = () => [...project.collections.values()];
  return {
    __typename: "Project",
    id: project.id,
    internalId: Buffer.from(`ProjectInternalId:${project.internalId}`).toString("base64"),
    name: project.name,
    entityName: project.entity,
    entity: { __typename: "Entity", id: store.viewer.id, name: project.entity },
    createdAt: project.createdAt,
    description: null,
    access: "USER_WRITE",
    views: null,
    isBenchmark: false,
    readOnly: false,
    user: () => viewerNode(store.viewer),
    run,
    bucket: run,
    runCount: (args: JsonMap) => matching(args).length,
    runs: (args: JsonMap) =>
      connection(
        "Run",
        orderRuns(matching(args), (args["order"] ?? undefined) as string | undefined),
        (found) => runNode(context, found),
        args,
      ),
    totalSweeps: project.sweeps.size,
    sweep: ({ sweepName }: JsonMap) => {
      const found = project.sweeps.get(sweepName as string);
      return found === undefined ? null : sweepNode(project, found);
    },
    sweeps: (args: JsonMap) =>
      connection("Sweep", [...project.sweeps.values()], (found) => sweepNode(project, found), args),
    artifact: ({ name }: JsonMap) => {
      const member = findMembership(project, name as string);
      return member === undefined ? null : artifactNode(context, member.artifact);
    },
    artifactCollectionMembership: ({ name }: JsonMap) => {
      const member = findMembership(project, name as string);
      return member === undefined ? null : membershipNode(context, member);
    },
    artifactCollection: ({ name }: JsonMap) => {
      const collection = project.collections.get(name as string);
      return collection === undefined ? null : collectionNode(context, collection);
    },
    artifactCollections: (args: JsonMap) =>
      connection("ArtifactCollection", collections(), (found) => collectionNode(context, found), args),
    artifactType: ({ name }: JsonMap) => {
      const found = collections().filter(({ type }) => type === name);
      return found.length === 0 ? null : artifactTypeNode(context, project, name as string, found);
    },
    artifactTypes: (args: JsonMap) =>
      connection(
        "ArtifactType",
        [...new Set(collections().map(({ type }) => type))],
        (type) =>
          artifactTypeNode(
            context,
            project,
            type,
            collections().filter((collection) => collection.type === type),
          ),
        args,
      ),
  };
}

function artifactTypeNode(
  context: SchemaContext,
  project: Project,
  type: string,
  collections: readonly Collection[],
): Node {
  return {
    __typename: "ArtifactType",
    id: Buffer.from(`ArtifactType:${project.id}:${type}`).toString("base64"),
    name: type,
    description: null,
    createdAt: project.createdAt,
    artifactCollection: ({ name }: JsonMap) => {
      const found = collections.find((collection) => collection.name === name);
      return found === undefined ? null : collectionNode(context, found);
    },
    artifactCollections: (args: JsonMap) =>
      connection("ArtifactCollection", collections, (found) => collectionNode(context, found), args),
  };
}
