import { TraceletError } from "../../../src/errors.js";
import { checkArtifactTags, checkLinkAliases, metadataText } from "../artifacts/rules.js";
import { ADD_ALIASES, type ArtifactRecord, DELETE_ALIASES, UPDATE } from "./artifact-record.js";
import type { Values } from "./run-record.js";
import type { ApiSession } from "./session.js";

/** What may be changed of a version, and the collection it was found in. */
export interface ChangeableArtifact {
  readonly id: string;
  readonly entity: string;
  readonly project: string;
  readonly collection: string;
  readonly aliases: readonly string[];
  readonly tags: readonly string[];
  readonly description: string | undefined;
  readonly metadata: Values;
  readonly ttl: number | null | "inherit";
}

/** Sends what differs from what the server is known to have; gives what it has then. */
export async function sendChanges(
  session: ApiSession,
  record: ArtifactRecord,
  artifact: ChangeableArtifact,
  known: Pick<ChangeableArtifact, "aliases" | "tags">,
): Promise<ArtifactRecord> {
  const { id: artifactID, entity, project, collection, ttl } = artifact;
  const aliases = checkLinkAliases(artifact.aliases);
  const tags = checkArtifactTags(artifact.tags);
  const metadata = metadataText(artifact.metadata);
  const ttlDurationSeconds = ttl === ttlOf(record) ? null : ttlSeconds(ttl);

  const change = (list: readonly string[]) => ({
    input: {
      artifactID,
      aliases: list.map((alias) => ({
        entityName: entity,
        projectName: project,
        artifactCollectionName: collection,
        alias,
      })),
    },
  });
  const added = without(aliases, known.aliases);
  const removed = without(known.aliases, aliases);
  if (added.length > 0) await session.query(ADD_ALIASES, change(added));
  if (removed.length > 0) await session.query(DELETE_ALIASES, change(removed));
  const { updateArtifact } = await session.query<{ updateArtifact: { artifact: ArtifactRecord } }>(UPDATE, {
    input: {
      artifactID,
      description: artifact.description ?? null,
      metadata: metadata === "" ? "{}" : metadata,
      // Null changes nothing.
      ttlDurationSeconds,
      tagsToAdd: without(tags, known.tags).map((tagName) => ({ tagName })),
      tagsToDelete: without(known.tags, tags).map((tagName) => ({ tagName })),
    },
  });
  return updateArtifact.artifact;
}

const without = (all: readonly string[], some: readonly string[]): string[] =>
  all.filter((each) => !some.includes(each));

const INHERIT_SECONDS = -1;
const NEVER_SECONDS = -2;

/** Seconds until a version is deleted, as the server has it. */
export function ttlOf({ ttlDurationSeconds, ttlIsInherited }: ArtifactRecord): ChangeableArtifact["ttl"] {
  if (ttlIsInherited) return "inherit";
  const seconds = Number(ttlDurationSeconds ?? NEVER_SECONDS);
  return seconds > 0 ? seconds : null;
}

function ttlSeconds(ttl: ChangeableArtifact["ttl"]): number {
  if (ttl === "inherit") return INHERIT_SECONDS;
  if (ttl === null) return NEVER_SECONDS;
  if (Number.isInteger(ttl) && ttl > 0) return ttl;
  throw new TraceletError(
    "invalid-value",
    `ttl is a whole number of seconds above 0, null or "inherit", got ${ttl}.`,
    { backend: "wandb" },
  );
}
