/**
 * The SDK of Weights & Biases for Node.js: `tracelet/wandb`. Names are those of the Python SDK in camelCase.
 *
 * @packageDocumentation
 */
export type { RankScope, RunMode } from "../../src/distributed/plan-run.js";
export { Api } from "./api/api.js";
export type { ApiArtifact, ApiArtifactEntry } from "./api/artifact.js";
export type { ArtifactTable } from "./api/artifact-table.js";
export type { ApiArtifactCollection, ApiArtifactType, VersionOptions } from "./api/collections.js";
export type { ConsoleLine, LogsOptions } from "./api/console-lines.js";
export { type DownloadRunOptions, downloadRun } from "./api/download-run.js";
export type { HistoryOptions, HistoryRow, ScanOptions } from "./api/history.js";
export type { PageOptions, Pages } from "./api/pages.js";
export type { ApiProject, ApiViewer } from "./api/projects.js";
export type { ApiRun } from "./api/run.js";
export type { ApiFile, FileDownloadOptions, FilesOptions } from "./api/run-file.js";
export type { Values } from "./api/run-record.js";
export type { RunsOptions } from "./api/runs.js";
export type { ApiOptions } from "./api/session.js";
export type { ApiSweep } from "./api/sweep.js";
export type { AlertLevel, AlertOptions } from "./around/alert.js";
export type { SaveOptions, SavePolicy } from "./around/save-files.js";
export type { LayersModelLike, WatchableModel, WatchMode, WatchOptions } from "./around/watch.js";
export { Artifact } from "./artifacts/artifact.js";
export type {
  AddOptions,
  ArtifactOptions,
  ArtifactTtl,
  ReferenceOptions,
} from "./artifacts/artifact-options.js";
export type { DigestAlgorithm } from "./artifacts/digests/hasher.js";
export type { DownloadOptions, DownloadProgress } from "./artifacts/download/download-artifact.js";
export type { ArtifactManifest, ManifestEntry } from "./artifacts/download/manifest-file.js";
export type { LinkedArtifact } from "./artifacts/link.js";
export type { SavedArtifact } from "./artifacts/upload/saver.js";
export type { ParentRun, WandbConfig } from "./context/config.js";
export { contextFromEnv } from "./context/environment.js";
export {
  groupLink,
  type Link,
  type LinkContext,
  type LinkOptions,
  runLink,
  runLinks,
  sweepLink,
} from "./context/links.js";
export { contextToEnv, getWandbConfig, withWandbConfig } from "./context/scope.js";
export type { TaskContext } from "./context/task.js";
export { type RunWrapper, wandbInit } from "./context/wandb-init.js";
export { type RunOptions, withRun } from "./context/with-run.js";
export type { MetricOptions, SummaryKind } from "./history/metrics.js";
export { Audio, type AudioOptions } from "./media/audio.js";
export type { CustomChart } from "./media/custom-chart.js";
export { Histogram, type HistogramOptions } from "./media/histogram.js";
export { Html, type HtmlOptions } from "./media/html.js";
export { Image, type ImageOptions } from "./media/image.js";
export type { Box, Boxes, BoxPosition, ClassLabels, Mask } from "./media/image-overlays.js";
export { JoinedTable } from "./media/joined-table.js";
export { Molecule, type MoleculeFormat, type MoleculeOptions } from "./media/molecule.js";
export {
  type Box3D,
  Object3D,
  type Object3DFormat,
  type Object3DOptions,
  type Scene,
} from "./media/object3d.js";
export { Plotly, type PlotlyFigure } from "./media/plotly.js";
export { type Cell, type ColumnKind, Table, type TableOptions } from "./media/table.js";
export type { TableLogMode } from "./media/table-spec.js";
export { Video, type VideoFormat, type VideoOptions } from "./media/video.js";
export type { WandbOptions } from "./options.js";
/** Charts from tables and values (Python: `wandb.plot`). */
export * as plot from "./plot.js";
export type { Config } from "./sdk/config-view.js";
export { type InitOptions, init } from "./sdk/init.js";
export type { LogCodeOptions } from "./sdk/log-code.js";
export { type LogArtifactOptions, LoggedArtifact } from "./sdk/logged-artifact.js";
export {
  alert,
  config,
  defineMetric,
  finish,
  getRun,
  getRunDir,
  linkArtifact,
  log,
  logArtifact,
  save,
  summary,
  unwatch,
  useArtifact,
  watch,
} from "./sdk/module.js";
export { plotTable } from "./sdk/plot-table.js";
export { type FinishRunOptions, type LogOptions, Run, type UseArtifactOptions } from "./sdk/run.js";
export type { Summary } from "./sdk/summary-view.js";
