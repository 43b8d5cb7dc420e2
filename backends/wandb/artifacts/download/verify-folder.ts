import { resolve } from "node:path";
import { TraceletError } from "../../../../src/errors.js";
import { filesBelow } from "../folder.js";
import { holds } from "./cache.js";
import type { ArtifactManifest } from "./manifest-file.js";

/** How many paths a message names. */
const MOST_NAMED = 5;

/**
 * Compares a folder with a manifest. What references lead to has digests of its own kinds; there only the file has to be.
 *
 * @throws TraceletError `invalid-file` that names the files that differ, `invalid-value` when there is no folder
 */
export async function verifyFolder({ entries }: ArtifactManifest, root: string): Promise<void> {
  const problems: string[] = [];
  const tell = (what: string, path: string): void => {
    problems.push(`${what} ${JSON.stringify(path)}`);
  };
  const there = new Set(filesBelow(root, (path) => tell("no file:", path)));
  for (const path of there) if (!entries.has(path)) tell("not of the artifact:", path);
  for (const entry of entries.values()) {
    const { path, size, ref } = entry;
    if (!there.has(path)) {
      if (ref === undefined) tell("missing:", path);
    } else if (ref === undefined && !(await holds(resolve(root, ...path.split("/")), size, entry))) {
      tell("changed:", path);
    }
  }
  if (problems.length === 0) return;
  const more = problems.length - MOST_NAMED;
  const named = problems.slice(0, MOST_NAMED).join("; ") + (more > 0 ? `; and ${more} more` : "");
  throw new TraceletError("invalid-file", `${root} differs from the artifact: ${named}.`, {
    backend: "wandb",
  });
}
