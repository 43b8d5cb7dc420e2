import { type Graphql, operation, type QueryOptions } from "./graphql.js";

const VIEWER = operation(`query Viewer { viewer { id entity username flags } }`);

/** Whose key it is. */
export interface Viewer {
  /** User or team that runs belong to when nobody says otherwise. */
  readonly entity: string;
  readonly username: string | undefined;
  /** The account's default for `saveCode`. */
  readonly savesCode: boolean | undefined;
}

/**
 * Who the server takes us for; undefined when it does not know the key.
 *
 * @throws RequestError when it refuses (status 401 for a wrong key), or cannot be reached
 */
export async function queryViewer(graphql: Graphql, options: QueryOptions = {}): Promise<Viewer | undefined> {
  const { viewer } = await graphql.query<{
    readonly viewer: {
      readonly entity: string | null;
      readonly username: string | null;
      readonly flags: string | null;
    } | null;
  }>(VIEWER, {}, options);
  if (viewer === null) return undefined;
  const { entity, username, flags } = viewer;
  return { entity: entity ?? "", username: username ?? undefined, savesCode: codeSaving(flags) };
}

/** `flags` is a JSON text; a server without them has an empty one. */
function codeSaving(flags: string | null): boolean | undefined {
  try {
    const { code_saving_enabled: enabled } = JSON.parse(flags || "{}") as { code_saving_enabled?: unknown };
    return typeof enabled === "boolean" ? enabled : undefined;
  } catch {
    return undefined;
  }
}
