/**
 * One logging API for machine-learning runs: start an experiment on a backend, log with TensorBoard's calls, swap the
 * backend's name to log elsewhere.
 *
 * @module
 */
export type { ArtifactInput, ArtifactOptions } from "./artifact-input.js";
export {
  type Backend,
  type BackendContext,
  type BackendDefinition,
  type ClosingReport,
  defineBackend,
  type RankRole,
  type RunDescription,
  type SyncReport,
} from "./backend/contract.js";
export {
  availableBackends,
  type BackendAvailability,
  type BackendName,
  type BackendOptionsMap,
  registerBackend,
} from "./backend/registry.js";
export type { Route } from "./backend/route.js";
export { captureArgs, captureParams } from "./collectors/params.js";
export { type DistributedInfo, getDistributedInfo, type Launcher } from "./distributed/detect.js";
export {
  type ParentRun,
  type PlanRequest,
  planRun,
  type RankScope,
  type RunMode,
  type RunPlan,
} from "./distributed/plan-run.js";
export { TraceletError, type TraceletErrorCode } from "./errors.js";
export type * from "./events/event.js";
export type { NumericArray, Tensor } from "./events/tensor.js";
export type { Experiment, FinishOptions, Status, Trouble } from "./experiment.js";
export { type HookOptions, hookSummaryWriter, type WriterClass } from "./hook-summary-writer.js";
export {
  describeModel,
  type LayeredModelLike,
  type LayerLike,
  type ModelDescription,
} from "./integrations/describe-model.js";
export {
  type TfjsCallback,
  type TfjsCallbackOptions,
  type TfjsLog,
  type TfjsLogs,
  tfjsCallback,
} from "./integrations/tfjs.js";
export type {
  LayersModelLike,
  NamedTensors,
  WatchableModel,
  WeightLike,
} from "./integrations/watchable-model.js";
export {
  type AttachOptions,
  attachExperiment,
  createExperiment,
  getActiveExperiment,
  startLogging,
  stopLogging,
  withExperiment,
  withLogging,
} from "./logging.js";
export type { NestedNumbers, TensorInput, TensorLike } from "./media/tensor-input.js";
export type { Stats } from "./recorder.js";
export type { StandardSchema } from "./settings/standard-schema.js";
export type { BackendChoice, StartOptions } from "./settings/start-options.js";
export type { FigureInput } from "./summary/figure-input.js";
export type { GraphInput } from "./summary/graph-input.js";
export { SummaryWriter, type SummaryWriterOptions } from "./summary-writer.js";
