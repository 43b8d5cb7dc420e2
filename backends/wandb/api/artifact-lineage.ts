import { CREATED_BY, USED_BY } from "./artifact-record.js";
import type { ItemPath } from "./paths.js";
import type { ApiSession } from "./session.js";

interface RunPath {
  readonly name: string;
  readonly project: { readonly name: string; readonly entityName: string };
}

const pathOf = ({ name, project }: RunPath): ItemPath => ({
  entity: project.entityName,
  project: project.name,
  name,
});

/** The run that logged a version; undefined when none did. */
export async function creatorOf(session: ApiSession, id: string): Promise<ItemPath | undefined> {
  const { artifact } = await session.query<{
    artifact: { createdBy: ({ __typename: string } & RunPath) | null } | null;
  }>(CREATED_BY, { id });
  const creator = artifact?.createdBy;
  return creator?.__typename === "Run" ? pathOf(creator) : undefined;
}

/** The runs that use a version. */
export async function usersOf(session: ApiSession, id: string): Promise<ItemPath[]> {
  const { artifact } = await session.query<{
    artifact: { usedBy: { edges: readonly { node: RunPath }[] } } | null;
  }>(USED_BY, { id });
  return (artifact?.usedBy.edges ?? []).map(({ node }) => pathOf(node));
}
