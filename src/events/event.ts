import type { NumericArray, Tensor } from "./tensor.js";

/**
 * The event model: one thing logged, as plain data. `kind` tells which; nothing here is a class, so events can be
 * compared, copied and stored as they are. Raw values travel raw: binning, PNG, GIF and WAV encoding are done by the
 * backends (with `src/media`) on the logging worker.
 */

/** What every event carries. */
export interface EventBase {
  /** Seconds since the epoch, taken when the call was made or given by the caller. */
  readonly wallTime: number;
  /** The x value: a safe integer, or absent when the caller gave none (each backend then applies its own rule). */
  readonly step?: number;
}

/** Anything JSON can hold, plus NaN and the infinities, which are kept. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
/** An object that JSON has a form for. */
export type JsonObject = { readonly [key: string]: JsonValue };

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

/** Bin rule: a numpy-style name (`"tensorflow"`, `"auto"`, `"fd"` ...), a number of equal bins, or bin edges. */
export type HistogramBins = string | number | readonly number[];

/** The raw values of a distribution; each backend bins them its own way. */
export interface HistogramEvent extends EventBase {
  readonly kind: "histogram";
  readonly tag: string;
  readonly values: NumericArray;
  readonly bins: HistogramBins;
  readonly maxBins?: number;
}

/** A distribution binned by the caller, in TensorBoard's terms (`bucketLimits` are right edges). */
export interface HistogramRawEvent extends EventBase {
  readonly kind: "histogramRaw";
  readonly tag: string;
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly bucketLimits: readonly number[];
  readonly bucketCounts: readonly number[];
}

/** A tensor logged as such (`addTensor`). */
export interface TensorEvent extends EventBase {
  readonly kind: "tensor";
  readonly tag: string;
  readonly tensor: Tensor;
}

/** Bytes that are already an image, audio or video file; `format` is the lower-case extension without a dot. */
export interface EncodedMedia {
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** Pixels with the meaning of their axes: letters of N, T, C, H, W in order, e.g. `CHW`, `HWC`, `HW`, `NCHW`. */
export interface PixelTensor {
  readonly tensor: Tensor;
  readonly layout: string;
}

/** One image, or several when the layout has an N (TensorBoard shows them as a grid). */
export interface ImageEvent extends EventBase {
  readonly kind: "image";
  readonly tag: string;
  readonly image: PixelTensor | EncodedMedia;
  /** Boxes to draw: rows of xmin, ymin, xmax, ymax in pixels. */
  readonly boxes?: { readonly corners: Tensor; readonly labels?: readonly string[] };
  /** Factor for the stored picture's size; 1 when absent. */
  readonly rescale?: number;
  readonly caption?: string;
}

/** A chart: a rendered picture, or a declarative specification. */
export interface FigureEvent extends EventBase {
  readonly kind: "figure";
  readonly tag: string;
  readonly figure:
    | EncodedMedia
    | { readonly format: "svg"; readonly text: string }
    | { readonly format: "vega" | "plotly"; readonly spec: JsonObject };
}

/** Markdown text. */
export interface TextEvent extends EventBase {
  readonly kind: "text";
  readonly tag: string;
  readonly text: string;
}

/** Sound: samples in -1..1 of shape [frames] or [frames, channels] (TensorBoard's [1, frames] too), or a file's bytes. */
export interface AudioEvent extends EventBase {
  readonly kind: "audio";
  readonly tag: string;
  readonly audio: Tensor | EncodedMedia;
  /** Samples a second; for encoded bytes what the caller said. */
  readonly sampleRate: number;
}

/** Moving pictures: a tensor with layout NTCHW (or another order of these letters), or a file's bytes. */
export interface VideoEvent extends EventBase {
  readonly kind: "video";
  readonly tag: string;
  readonly video: PixelTensor | EncodedMedia;
  /** Frames a second. */
  readonly fps: number;
}

/** A point cloud or triangle mesh; every tensor has shape [batch, count, 3]. */
export interface MeshEvent extends EventBase {
  readonly kind: "mesh";
  readonly tag: string;
  readonly vertices: Tensor;
  readonly colors?: Tensor;
  readonly faces?: Tensor;
  /** THREE.js scene settings (camera, lights, material), passed to TensorBoard. */
  readonly config?: JsonObject;
}

/** Points in a high-dimensional space with what is known of each. */
export interface EmbeddingEvent extends EventBase {
  readonly kind: "embedding";
  readonly tag: string;
  /** Shape [points, dimensions]. */
  readonly points: Tensor;
  /** One row of cells a point; rows of one cell when there is no header. */
  readonly metadata?: readonly (readonly string[])[];
  readonly metadataHeader?: readonly string[];
  /** One small picture a point, shape [points, channels, height, width]. */
  readonly images?: Tensor;
}

/** Labels and predictions of a classifier; thresholds are applied by the backend. */
export interface PrCurveEvent extends EventBase {
  readonly kind: "prCurve";
  readonly tag: string;
  /** 0 or 1 (or weights between), one a prediction. */
  readonly labels: NumericArray;
  /** Scores in 0..1. */
  readonly predictions: NumericArray;
  readonly weights?: NumericArray;
  readonly numThresholds: number;
}

/** A precision-recall curve computed by the caller. */
export interface PrCurveRawEvent extends EventBase {
  readonly kind: "prCurveRaw";
  readonly tag: string;
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly trueNegatives: readonly number[];
  readonly falseNegatives: readonly number[];
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly numThresholds: number;
}

/** One operation of a model graph; slashes in `name` nest it. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs?: readonly string[];
  /** Shapes of the outputs; -1 for unknown sizes. */
  readonly outputShapes?: readonly (readonly number[])[];
  readonly device?: string;
  readonly attributes?: { readonly [name: string]: string | number | boolean };
}

/** A model's graph: nodes, or the bytes of an ONNX file. */
export interface GraphEvent extends EventBase {
  readonly kind: "graph";
  readonly graph: { readonly nodes: readonly GraphNode[] } | { readonly onnx: Uint8Array };
}

/** How TensorBoard's custom-scalars page arranges charts: category -> chart -> [type, tags]. */
export type CustomScalarLayout = {
  readonly [category: string]: {
    readonly [chart: string]: readonly ["Multiline" | "Margin", readonly string[]];
  };
};

/** How charts are arranged (`SummaryWriter.addCustomScalars`). */
export interface LayoutEvent extends EventBase {
  readonly kind: "layout";
  readonly layout: CustomScalarLayout;
}

/** What a hyperparameter may be (`SummaryWriter.addHparams`). */
export type HparamValue = string | number | boolean | null;

/** Hyperparameters with the metrics they led to (`addHparams`). */
export interface HparamsEvent extends EventBase {
  readonly kind: "hparams";
  readonly hparams: { readonly [name: string]: HparamValue };
  readonly metrics: { readonly [tag: string]: number };
  /** Allowed values of a hyperparameter, for the page's filters. */
  readonly domainDiscrete?: { readonly [name: string]: readonly HparamValue[] };
  /** Name of the sub-run; the backend chooses one when absent. */
  readonly runName?: string;
}

/** Rows of cells under column names. */
export interface TableEvent extends EventBase {
  readonly kind: "table";
  readonly tag: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly JsonValue[])[];
}

/** Inputs of the run (configuration); nested objects stay nested. */
export interface ParamsEvent extends EventBase {
  readonly kind: "params";
  readonly params: JsonObject;
}

/** Results of the run that are not a series. */
export interface SummaryEvent extends EventBase {
  readonly kind: "summary";
  readonly values: JsonObject;
}

/** Labels of the run itself; replaces those given before. */
export interface TagsEvent extends EventBase {
  readonly kind: "tags";
  readonly tags: readonly string[];
}

/** A file, folder, bytes or address kept with the run. */
export interface ArtifactEvent extends EventBase {
  readonly kind: "artifact";
  /** Name of the artifact. */
  readonly name: string;
  /** `model`, `dataset`, `file` ... */
  readonly type: string;
  /** Where the content stands inside the artifact, forward slashes, never absolute, never `..`. */
  readonly path: string;
  readonly source:
    | { readonly file: string }
    | { readonly folder: string }
    | { readonly bytes: Uint8Array }
    | { readonly reference: string };
  readonly description?: string;
  readonly metadata?: JsonObject;
  readonly aliases?: readonly string[];
}

/** Text the script wrote to its terminal, as written (it may hold several lines or a part of one). */
export interface ConsoleEvent extends EventBase {
  readonly kind: "console";
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** A sample of the machine's and the process's state; names as `cpu.percent`, units in `docs/concepts.md`. */
export interface SystemEvent extends EventBase {
  readonly kind: "system";
  readonly values: { readonly [name: string]: number };
}

/** What the run ran on and from: git state, runtime, platform, arguments, packages. */
export interface EnvironmentEvent extends EventBase {
  readonly kind: "environment";
  readonly environment: JsonObject;
}

/** How a run ended. */
export interface Outcome {
  readonly status: "finished" | "failed" | "killed";
  readonly exitCode: number;
  /** What ended it, for a failed or killed run: the error's message or the signal's name. */
  readonly reason?: string;
}

/** The last event of a run that ended in an orderly way. */
export interface FinishEvent extends EventBase {
  readonly kind: "finish";
  readonly outcome: Outcome;
}

/**
 * Something that only one backend understands, from that backend's own API (an alert or a metric definition of W&B).
 * It is given to the backend of that name alone; the others neither see nor count it.
 */
export interface NativeEvent extends EventBase {
  readonly kind: "native";
  readonly backend: string;
  /** What it is, in the backend's terms. */
  readonly name: string;
  /** Anything that can be cloned. */
  readonly data: unknown;
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
