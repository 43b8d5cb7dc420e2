import { findArtifact } from "../artifacts.js";
import type { JsonMap, Node } from "../graphql/execute.js";
import { connection } from "../pages.js";
import { findProject } from "../store.js";
import { artifactNode, collectionNode } from "./artifact-node.js";
import type { SchemaContext } from "./context.js";
import { projectNode } from "./project-node.js";
import { viewerNode } from "./viewer-node.js";

/** The fields of the `Query` type. */
export function queryNode(context: SchemaContext): Node {
  const { store } = context;
  const project = ({ name, entityName }: JsonMap) => {
    const found = findProject(store, entityName as string | null, name as string | null);
    return found === undefined ? null : projectNode(context, found);
  };
  return {
    __typename: "Query",
    viewer: () => viewerNode(store.viewer),
    serverInfo: () => ({
      __typename: "ServerInfo",
      features: [...store.features].map(([name, isEnabled]) => ({
        __typename: "ServerFeature",
        name,
        isEnabled,
      })),
      cliVersionInfo: { max_cli_version: "0.99.0" },
      latestLocalVersionInfo: null,
    }),
    entity: ({ name }: JsonMap) => ({
      __typename: "Entity",
      id: store.viewer.id,
      name,
      isTeam: false,
      xxhashDigestsEnabled: store.xxhashDigests,
      organization: null,
      user: () => viewerNode(store.viewer),
    }),
    organization: null,
    project,
    model: project,
    models: ({ entityName, ...args }: JsonMap) =>
      connection(
        "Project",
        [...store.projects.values()].filter(({ entity }) => entity === (entityName ?? store.viewer.entity)),
        (found) => projectNode(context, found),
        args,
      ),
    artifact: ({ id }: JsonMap) => {
      const found = findArtifact(store, id as string);
      return found === undefined ? null : artifactNode(context, found);
    },
    artifactCollection: ({ id }: JsonMap) => {
      for (const { collections } of store.projects.values())
        for (const collection of collections.values())
          if (collection.id === id) return collectionNode(context, collection);
      return null;
    },
    clientIDMapping: ({ clientID }: JsonMap) => {
      const found = findArtifact(store, clientID as string);
      return found === undefined ? null : { __typename: "ClientIDMapping", serverID: found.id };
    },
  };
}
