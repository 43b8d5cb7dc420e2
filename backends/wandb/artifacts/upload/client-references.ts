import { TraceletError } from "../../../../src/errors.js";
import type { ManifestEntryRecord } from "../../records/record.js";
import type { Connection } from "../../server/connection.js";
import type { QueryOptions } from "../../server/graphql.js";
import { CLIENT_ID_MAPPING, type ClientIdMapping } from "./operations.js";

const CLIENT_REFERENCE = /^wandb-client-artifact:\/\/([^/]+)\/(.*)$/s;

/** The client id that an entry refers to; undefined when it refers to none. */
export function clientIdOf({ ref }: ManifestEntryRecord): string | undefined {
  return ref === undefined ? undefined : CLIENT_REFERENCE.exec(ref)?.[1];
}

/**
 * Entries whose references name artifacts by the ids that the server gave them.
 *
 * @throws TraceletError `backend-failed` when the server does not know one of them.
 */
export async function resolveReferences(
  connection: Connection,
  entries: readonly ManifestEntryRecord[],
  options: QueryOptions,
): Promise<ManifestEntryRecord[]> {
  const ids = new Map<string, string>();
  for (const clientID of new Set(entries.map(clientIdOf))) {
    if (clientID === undefined) continue;
    const { clientIDMapping } = await connection.graphql.query<ClientIdMapping>(
      CLIENT_ID_MAPPING,
      { clientID },
      options,
    );
    if (clientIDMapping === null) {
      const { path } = entries.find((entry) => clientIdOf(entry) === clientID)!;
      throw new TraceletError(
        "backend-failed",
        `"${path}" refers to an artifact that is not on the server; log that one first`,
        { backend: "wandb" },
      );
    }
    ids.set(clientID, Buffer.from(clientIDMapping.serverID, "base64").toString("hex"));
  }
  return entries.map((entry) => {
    const [, clientID, path] = CLIENT_REFERENCE.exec(entry.ref ?? "") ?? [];
    return clientID === undefined
      ? entry
      : { ...entry, ref: `wandb-artifact://${ids.get(clientID)}/${path}` };
  });
}
