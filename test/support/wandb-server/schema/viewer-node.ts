import type { Node } from "../graphql/execute.js";
import { connection } from "../pages.js";
import type { Viewer } from "../store.js";

/** The `User` type: the account of the only key. */
export function viewerNode(viewer: Viewer): Node {
  return {
    __typename: "User",
    id: viewer.id,
    name: viewer.username,
    username: viewer.username,
    email: viewer.email,
    entity: viewer.entity,
    flags: viewer.flags,
    admin: false,
    deletedAt: null,
    apiKeys: connection("ApiKey", [], () => null, {}),
    teams: connection("Team", [viewer.entity], (name) => ({ __typename: "Team", name }), {}),
    organizations: [],
  };
}
