import type { Artifact } from "./artifact.js";

/** Something that an artifact can hold as an object, e.g. a table. */
export interface ArtifactObject {
  /** Ending of its entry: `table` makes `name.table.json`. */
  readonly artifactSuffix: string;
  /** The text of its entry; files it refers to are added to the artifact. */
  toArtifactText(artifact: Artifact): string;
}
