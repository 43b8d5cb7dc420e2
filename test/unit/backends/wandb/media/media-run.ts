import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { artifactRecord } from "#backends/wandb/artifacts/manifest.js";
import { checkAliases } from "#backends/wandb/artifacts/rules.js";
import { Metrics } from "#backends/wandb/history/metrics.js";
import { type Branch, eachLeaf } from "#backends/wandb/history/row.js";
import { RunHistory } from "#backends/wandb/history/run-history.js";
import { RunSummary } from "#backends/wandb/history/summary.js";
import { captureRow } from "#backends/wandb/media/capture.js";
import { MediaWriter } from "#backends/wandb/media/media-writer.js";
import type { ArtifactRecord, KeyedItem, WandbRecord } from "#backends/wandb/records/record.js";
import { encodeJson, type LoggedValue } from "#backends/wandb/values/json.js";

export const input = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/inputs/${name}`, import.meta.url));

/** The parts of a run that media need, in the order of `run.log`. */
export function mediaRun(root: string, runId: string) {
  const filesDir = join(root, "files");
  const staging = join(root, "staging");
  mkdirSync(filesDir);
  mkdirSync(staging);
  const rows: KeyedItem[][] = [];
  const files: string[] = [];
  const config: { path: readonly string[]; value: LoggedValue }[] = [];
  const artifacts: ArtifactRecord[] = [];
  const warnings: string[] = [];
  const summary = new RunSummary(() => {});
  const metrics = new Metrics({ write: () => {}, configureSummary: () => {} });
  const warn = (message: string): void => {
    warnings.push(message);
  };
  const history = new RunHistory({
    startTime: 0,
    metrics,
    summary,
    warn,
    write(row: Branch) {
      const items: KeyedItem[] = [];
      eachLeaf(row, (path, leaf) => items.push({ nestedKey: [...path], valueJson: encodeJson(leaf) }));
      rows.push(items);
    },
  });
  const setInternalConfig = (path: readonly string[], value: LoggedValue): void => {
    config.push({ path, value });
  };
  const writer = new MediaWriter({
    runId,
    filesDir,
    staging,
    publishFile: (path) => files.push(path),
    setInternalConfig,
    logArtifact: (plan) =>
      artifacts.push(
        artifactRecord(
          plan,
          { run: { id: runId, project: "p", entity: "e" }, aliases: checkAliases([]) },
          staging,
        ),
      ),
    warn,
  });
  return {
    rows,
    files,
    config,
    artifacts,
    warnings,
    filesDir,
    writer,
    history,
    log(data: { [key: string]: unknown }, step?: number) {
      // What travels between threads is plain data.
      const { data: row, charts } = structuredClone(captureRow(data));
      for (const { path, value } of charts) setInternalConfig(path, value);
      history.log(writer.toRow(row, history.mediaStep), { wallTime: 1, step });
    },
  };
}

/** Paths of the media files that an official log uploads, in order. */
export function officialFiles(log: readonly WandbRecord[]): string[] {
  return log
    .flatMap(({ files }) => files?.files ?? [])
    .flatMap(({ path }) => (path.startsWith("media/") ? [path] : []));
}
