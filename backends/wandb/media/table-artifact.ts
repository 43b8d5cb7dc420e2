import { Artifact } from "../artifacts/artifact.js";
import { safeArtifactName } from "../artifacts/digest.js";
import { type FileValue, spacedJson } from "../values/file-json.js";
import { dictJson } from "./column-type.js";
import { isMediaSpec } from "./media.js";
import { addMediaToArtifact } from "./media-artifact.js";
import { type CellSpec, isDateCell, MAX_ARTIFACT_ROWS, type TableSpec, tableEntry } from "./table.js";

/** The artifact that a logged table is besides its file: the table with its types, and the files of its media. */
export function tableArtifact(spec: TableSpec, runId: string, key: string, staging: string): Artifact {
  const incremental = spec.increment !== undefined;
  const name = safeArtifactName(incremental ? `run-${runId}-incr-${key}` : `run-${runId}-${key}`);
  const type = incremental ? "wandb-run-incremental-table" : "run_table";
  const { clientId, sequenceClientId } = spec;
  const artifact = Artifact.internal(name, type, { incremental, staging, clientId, sequenceClientId });
  const rows = spec.rows.slice(0, MAX_ARTIFACT_ROWS);
  const media = new Map<number, FileValue>();
  const data = rows.map((row) => row.map((cell) => cellJson(cell, artifact, media)));
  artifact.newFile(
    tableEntry(spec, key),
    spacedJson({
      _type: "table",
      column_types: dictJson(spec.columnTypes),
      columns: spec.columns,
      data,
      log_mode: spec.logMode,
      ncols: spec.columns.length,
      nrows: rows.length,
      ...(spec.increment === undefined
        ? {}
        : { increment_num: spec.increment.num, previous_increments_paths: spec.increment.previousPaths }),
    }),
  );
  return artifact;
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
