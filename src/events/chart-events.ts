import type { EventBase, JsonValue } from "./event-base.js";
import type { NumericArray, Tensor } from "./tensor.js";

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
