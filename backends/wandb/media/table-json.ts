import type { Artifact } from "../artifacts/artifact.js";
import type { FileValue } from "../values/file-json.js";
import { dictJson } from "./column-type.js";
import { addMediaToArtifact } from "./media-artifact.js";
import { isMediaSpec } from "./media-spec.js";
import { type CellSpec, isDateCell, MAX_ARTIFACT_ROWS, type TableSpec } from "./table-spec.js";

/** A table as its entry in an artifact holds it; the files of its media become entries too. */
export function tableJson(spec: TableSpec, artifact: Artifact): FileValue {
  const rows = spec.rows.slice(0, MAX_ARTIFACT_ROWS);
  const media = new Map<number, FileValue>();
  return {
    _type: "table",
    column_types: dictJson(spec.columnTypes),
    columns: spec.columns,
    data: rows.map((row) => row.map((cell) => cellJson(cell, artifact, media))),
    log_mode: spec.logMode,
    ncols: spec.columns.length,
    nrows: rows.length,
    ...(spec.increment === undefined
      ? {}
      : { increment_num: spec.increment.num, previous_increments_paths: spec.increment.previousPaths }),
  };
}

/** NaN is null here, and dates are milliseconds since the epoch. */
function cellJson(cell: CellSpec, artifact: Artifact, media: Map<number, FileValue>): FileValue {
  if (isDateCell(cell)) return cell.time;
  if (isMediaSpec(cell)) {
    const known = media.get(cell.id);
    if (known !== undefined) return known;
    const json = addMediaToArtifact(artifact, cell);
    media.set(cell.id, json);
    return json;
  }
  return typeof cell === "number" && Number.isNaN(cell) ? null : cell;
}
