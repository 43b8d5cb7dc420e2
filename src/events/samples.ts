import { EVENT_KINDS, type Event, type EventKind, type EventOf } from "./event.js";

const base = { wallTime: 1_700_000_000.25, step: 3 };
const timed = { wallTime: base.wallTime };

const samples: { readonly [K in EventKind]: EventOf<K> } = {
  scalar: { kind: "scalar", tag: "loss", value: 0.5, ...base },
  row: { kind: "row", tags: ["loss", "accuracy"], values: [0.5, 0.75], ...base },
  histogram: {
    kind: "histogram",
    tag: "weights",
    values: Float32Array.of(-1, 0, 0.5, 2),
    bins: "tensorflow",
    ...base,
  },
  histogramRaw: {
    kind: "histogramRaw",
    tag: "gradients",
    min: 0,
    max: 3,
    num: 4,
    sum: 6,
    sumSquares: 14,
    bucketLimits: [1, 2, 4],
    bucketCounts: [1, 1, 2],
    ...base,
  },
  tensor: {
    kind: "tensor",
    tag: "matrix",
    tensor: { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
    ...base,
  },
  image: {
    kind: "image",
    tag: "picture",
    image: {
      tensor: { shape: [3, 2, 2], data: Uint8Array.of(255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9) },
      layout: "CHW",
    },
    ...base,
  },
  figure: {
    kind: "figure",
    tag: "chart",
    figure: { format: "svg", text: '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>' },
    ...base,
  },
  text: { kind: "text", tag: "notes", text: "**bold** and 😀", ...base },
  audio: {
    kind: "audio",
    tag: "tone",
    audio: { shape: [4], data: Float32Array.of(0, 0.5, -0.5, 1) },
    sampleRate: 8000,
    ...base,
  },
  video: {
    kind: "video",
    tag: "clip",
    video: { tensor: { shape: [1, 2, 3, 2, 2], data: new Uint8Array(24).fill(128) }, layout: "NTCHW" },
    fps: 4,
    ...base,
  },
  mesh: {
    kind: "mesh",
    tag: "cloud",
    vertices: { shape: [1, 3, 3], data: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0) },
    faces: { shape: [1, 1, 3], data: Int32Array.of(0, 1, 2) },
    ...base,
  },
  embedding: {
    kind: "embedding",
    tag: "hidden",
    points: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
    metadata: [["a"], ["b"]],
    ...base,
  },
  prCurve: {
    kind: "prCurve",
    tag: "curve",
    labels: Uint8Array.of(0, 1, 1, 0),
    predictions: Float32Array.of(0.1, 0.9, 0.6, 0.4),
    numThresholds: 11,
    ...base,
  },
  prCurveRaw: {
    kind: "prCurveRaw",
    tag: "curve/raw",
    truePositives: [2, 1],
    falsePositives: [2, 0],
    trueNegatives: [0, 2],
    falseNegatives: [0, 1],
    precision: [0.5, 1],
    recall: [1, 0.5],
    numThresholds: 2,
    ...base,
  },
  graph: {
    kind: "graph",
    graph: {
      nodes: [
        { name: "x", op: "Input" },
        { name: "y", op: "Dense", inputs: ["x"] },
      ],
    },
    ...timed,
  },
  layout: { kind: "layout", layout: { losses: { both: ["Multiline", ["loss"]] } }, ...timed },
  hparams: {
    kind: "hparams",
    hparams: { lr: 0.1, optimizer: "adam" },
    metrics: { "hparam/accuracy": 0.9 },
    ...base,
  },
  table: {
    kind: "table",
    tag: "rows",
    columns: ["name", "score"],
    rows: [
      ["a", 1],
      ["b", null],
    ],
    ...base,
  },
  params: { kind: "params", params: { lr: 0.1, model: { layers: 2 } }, ...timed },
  summary: { kind: "summary", values: { best: 0.9 }, ...timed },
  tags: { kind: "tags", tags: ["baseline"], ...timed },
  artifact: {
    kind: "artifact",
    name: "model.bin",
    type: "model",
    path: "models/model.bin",
    source: { bytes: Uint8Array.of(1, 2, 3) },
    ...timed,
  },
  console: { kind: "console", stream: "stdout", text: "epoch 1\n", ...timed },
  system: { kind: "system", values: { "cpu.percent": 12.5 }, ...timed },
  environment: { kind: "environment", environment: { node: "v20.20.2" }, ...timed },
  native: { kind: "native", backend: "example", name: "ping", data: { n: 1 }, ...timed },
  finish: { kind: "finish", outcome: { status: "finished", exitCode: 0 }, ...timed },
};

/** One small valid event of every kind that every backend gets (so no `native` and no `finish`); new copies at every call. */
export function sampleEvents(): Event[] {
  return EVENT_KINDS.filter((kind) => kind !== "finish" && kind !== "native").map((kind) =>
    structuredClone(samples[kind]),
  );
}
