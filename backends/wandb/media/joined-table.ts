import type { Artifact } from "../artifacts/artifact.js";
import type { ArtifactObject } from "../artifacts/artifact-object.js";
import { spacedJson } from "../values/file-json.js";
import { mediaError, nextMediaId } from "./media-spec.js";
import { Table } from "./table.js";

/**
 * Two tables of an artifact shown as one, row by row of equal keys. It is added to an artifact and cannot be logged itself.
 *
 * @example
 * ```ts
 * artifact.add(truth, "truth");
 * artifact.add(new wandb.JoinedTable("truth.table.json", predictions, "id"), "both");
 * ```
 */
export class JoinedTable implements ArtifactObject {
  readonly artifactSuffix = "joined-table";

  /**
   * @param first - path of a table in the artifact, or a table, which is then added to it
   * @param second - like `first`
   * @param joinKey - name of the column that both tables share, or of the first's and the second's
   */
  constructor(
    /** Path of a table in the artifact, or a table. */
    readonly first: string | Table,
    /** The other one. */
    readonly second: string | Table,
    /** The column that both share, or that of each. */
    readonly joinKey: string | readonly [string, string],
  ) {
    if (typeof joinKey !== "string" && joinKey.length !== 2) {
      throw mediaError("JoinedTable: joinKey is the name of a column, or two names.");
    }
  }

  toArtifactText(artifact: Artifact): string {
    return spacedJson({
      _type: "joined-table",
      join_key: this.joinKey,
      table1: pathOf(this.first, artifact, 1),
      table2: pathOf(this.second, artifact, 2),
    });
  }
}

function pathOf(table: string | Table, artifact: Artifact, place: number): string {
  const path = table instanceof Table ? artifact.add(table, `t${place}_${nextMediaId()}`) : table;
  if (!artifact.has(path)) {
    throw mediaError(
      `JoinedTable: the artifact has no table "${path}"; add it first, as "name" for "name.table.json".`,
    );
  }
  return path;
}
