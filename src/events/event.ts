import type {
  GraphEvent,
  HistogramEvent,
  HistogramRawEvent,
  HparamsEvent,
  LayoutEvent,
  PrCurveEvent,
  PrCurveRawEvent,
  TableEvent,
  TensorEvent,
} from "./chart-events.js";
import type { EventBase } from "./event-base.js";
import type {
  AudioEvent,
  EmbeddingEvent,
  FigureEvent,
  ImageEvent,
  MeshEvent,
  TextEvent,
  VideoEvent,
} from "./media-events.js";
import type {
  ArtifactEvent,
  ConsoleEvent,
  EnvironmentEvent,
  FinishEvent,
  NativeEvent,
  ParamsEvent,
  SummaryEvent,
  SystemEvent,
  TagsEvent,
} from "./run-events.js";

export type * from "./chart-events.js";
export type * from "./event-base.js";
export type * from "./media-events.js";
export type * from "./run-events.js";

/**
 * The event model: one thing logged, as plain data. `kind` tells which; nothing here is a class, so events can be
 * compared, copied and stored as they are. Raw values travel raw: binning, PNG, GIF and WAV encoding are done by the
 * backends (with `src/media`) on the logging worker.
 */

/** One number under a tag. */
export interface ScalarEvent extends EventBase {
  readonly kind: "scalar";
  readonly tag: string;
  readonly value: number;
}

/**
 * Several numbers at one step. With `mainTag` it is `addScalars(mainTag, {...})`: TensorBoard shows the names as
 * curves of one chart; other backends use `mainTag/name`.
 */
export interface RowEvent extends EventBase {
  readonly kind: "row";
  readonly mainTag?: string;
  readonly tags: readonly string[];
  readonly values: readonly number[];
  /** Whether more of the same row is to come (false) or not (true), where a backend's own API lets the caller say so. */
  readonly commit?: boolean;
}

/** Everything that can be logged, told apart by its `kind`. */
export type Event =
  | ScalarEvent
  | RowEvent
  | HistogramEvent
  | HistogramRawEvent
  | TensorEvent
  | ImageEvent
  | FigureEvent
  | TextEvent
  | AudioEvent
  | VideoEvent
  | MeshEvent
  | EmbeddingEvent
  | PrCurveEvent
  | PrCurveRawEvent
  | GraphEvent
  | LayoutEvent
  | HparamsEvent
  | TableEvent
  | ParamsEvent
  | SummaryEvent
  | TagsEvent
  | ArtifactEvent
  | ConsoleEvent
  | SystemEvent
  | EnvironmentEvent
  | NativeEvent
  | FinishEvent;

/** The kinds of events. */
export type EventKind = Event["kind"];
/** The event of a kind: `EventOf<"scalar">` is a `ScalarEvent`. */
export type EventOf<K extends EventKind> = Extract<Event, { kind: K }>;

/** Every kind, in the order of the union; the support matrix and the conformance suite walk it. */
export const EVENT_KINDS = [
  "scalar",
  "row",
  "histogram",
  "histogramRaw",
  "tensor",
  "image",
  "figure",
  "text",
  "audio",
  "video",
  "mesh",
  "embedding",
  "prCurve",
  "prCurveRaw",
  "graph",
  "layout",
  "hparams",
  "table",
  "params",
  "summary",
  "tags",
  "artifact",
  "console",
  "system",
  "environment",
  "native",
  "finish",
] as const satisfies readonly EventKind[];

/**
 * Consecutive scalars of one experiment as columns, the form in which a backend that wants speed takes them.
 * Only the first `length` entries count; the arrays are reused, so copy what is kept. A missing step is NaN.
 */
export interface ScalarColumns {
  readonly length: number;
  readonly tags: readonly string[];
  readonly values: Float64Array;
  readonly steps: Float64Array;
  readonly wallTimes: Float64Array;
}
