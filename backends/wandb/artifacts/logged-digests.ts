import type { ArtifactRecord } from "../records/record.js";
import type { ArtifactPlan } from "./manifest.js";

const MOST_KNOWN = 10_000;
/** Digests of artifacts that were logged in this thread, by their client ids. */
const known = new Map<string, string>();

/** Remembers the digest of an artifact that is logged: its files go when they are uploaded. */
export function rememberDigest({ clientId = "", digest = "" }: ArtifactRecord): void {
  known.set(clientId, digest);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
}

/**
 * An artifact that is logged again, for another alias or run, and whose files are uploaded and gone: only its digest, by
 * which the server knows the version.
 *
 * @param problem what reading its files failed with; thrown when that is not it
 */
export function asLogged(plan: ArtifactPlan, problem: unknown): ArtifactPlan {
  const digest = known.get(plan.clientId);
  if (digest === undefined || (problem as NodeJS.ErrnoException).code !== "ENOENT") throw problem;
  return { ...plan, entries: [], digest };
}
