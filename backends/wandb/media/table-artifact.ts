import { Artifact } from "../artifacts/artifact.js";
import { safeArtifactName } from "../artifacts/digests/digest.js";
import { spacedJson } from "../values/file-json.js";
import { tableJson } from "./table-json.js";
import { type TableSpec, tableEntry } from "./table-spec.js";

/** The artifact that a logged table is besides its file: the table with its types, and the files of its media. */
export function tableArtifact(spec: TableSpec, runId: string, key: string, staging: string): Artifact {
  const incremental = spec.increment !== undefined;
  const name = safeArtifactName(incremental ? `run-${runId}-incr-${key}` : `run-${runId}-${key}`);
  const type = incremental ? "wandb-run-incremental-table" : "run_table";
  const { clientId, sequenceClientId } = spec;
  const artifact = Artifact.internal(name, type, { incremental, staging, clientId, sequenceClientId });
  artifact.newFile(tableEntry(spec, key), spacedJson(tableJson(spec, artifact)));
  return artifact;
}
