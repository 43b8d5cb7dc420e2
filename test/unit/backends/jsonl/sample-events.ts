import type { EventKind, EventOf } from "#src/events/event.js";

const wallTime = 1_700_000_000.123456;
const f32 = (...values: number[]): Float32Array => Float32Array.from(values);

/** Events of every kind, with every form a kind has; the type makes a missing kind an error. */
export const SAMPLE_EVENTS: { readonly [K in EventKind]: readonly EventOf<K>[] } = {
  scalar: [
    { kind: "scalar", wallTime, step: 0, tag: "a/b", value: 0.1 },
    { kind: "scalar", wallTime, tag: "no step", value: -0 },
    { kind: "scalar", wallTime, step: -5, tag: "", value: Number.NaN },
    {
      kind: "scalar",
      wallTime,
      step: Number.MAX_SAFE_INTEGER,
      tag: '日本 \u0000\n"\\ \ud800 🙂',
      value: Number.POSITIVE_INFINITY,
    },
    { kind: "scalar", wallTime: 0, step: 1, tag: "small", value: Number.MIN_VALUE },
    { kind: "scalar", wallTime, step: 1, tag: "low", value: Number.NEGATIVE_INFINITY },
  ],
  row: [
    { kind: "row", wallTime, step: 1, mainTag: "loss", tags: ["a", "b"], values: [1, Number.NaN] },
    { kind: "row", wallTime, tags: [], values: [] },
  ],
  histogram: [
    {
      kind: "histogram",
      wallTime,
      step: 1,
      tag: "h",
      values: f32(1, -0, Number.NaN, Number.POSITIVE_INFINITY),
      bins: "auto",
    },
    { kind: "histogram", wallTime, tag: "h", values: new Float64Array([0.1, Math.PI]), bins: 12, maxBins: 5 },
    {
      kind: "histogram",
      wallTime,
      tag: "h",
      values: new BigInt64Array([-(2n ** 63n), 1n]),
      bins: [0, 0.5, 1],
    },
    { kind: "histogram", wallTime, tag: "h", values: new BigUint64Array([2n ** 64n - 1n]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Int8Array([-128]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Int16Array([-32768]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Uint16Array([65535]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Int32Array([-(2 ** 31)]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Uint32Array([2 ** 32 - 1]), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Uint8ClampedArray([255]), bins: 1 },
    // A view into the middle of a larger buffer, and an empty one.
    { kind: "histogram", wallTime, tag: "h", values: f32(0, 1, 2, 3).subarray(1, 3), bins: 1 },
    { kind: "histogram", wallTime, tag: "h", values: new Float32Array(0), bins: 1 },
  ],
  histogramRaw: [
    {
      kind: "histogramRaw",
      wallTime,
      tag: "h",
      min: -1,
      max: 1,
      num: 3,
      sum: 0,
      sumSquares: 2,
      bucketLimits: [0, Number.MAX_VALUE],
      bucketCounts: [1, 2],
    },
  ],
  tensor: [
    { kind: "tensor", wallTime, tag: "t", tensor: { shape: [], data: f32(7) } },
    { kind: "tensor", wallTime, tag: "t", tensor: { shape: [2], data: new Uint8Array([0, 1]), bool: true } },
  ],
  image: [
    {
      kind: "image",
      wallTime,
      step: 2,
      tag: "i",
      image: { tensor: { shape: [3, 1, 1], data: new Uint8Array([1, 2, 3]) }, layout: "CHW" },
      boxes: { corners: { shape: [1, 4], data: f32(0, 0, 1, 1) }, labels: ["cat"] },
      rescale: 0.5,
      caption: "c",
    },
    {
      kind: "image",
      wallTime,
      tag: "i",
      image: { format: "png", bytes: new Uint8Array([0x89, 0x50, 0, 255]) },
    },
  ],
  figure: [
    { kind: "figure", wallTime, tag: "f", figure: { format: "png", bytes: new Uint8Array([1]) } },
    { kind: "figure", wallTime, tag: "f", figure: { format: "svg", text: "<svg/>" } },
    {
      kind: "figure",
      wallTime,
      tag: "f",
      figure: { format: "vega", spec: { $schema: "x", data: { values: [1] } } },
    },
  ],
  text: [{ kind: "text", wallTime, step: 1, tag: "t", text: "# title\n\u2028line" }],
  audio: [
    { kind: "audio", wallTime, tag: "a", audio: { shape: [2, 1], data: f32(-1, 1) }, sampleRate: 44_100 },
    {
      kind: "audio",
      wallTime,
      tag: "a",
      audio: { format: "wav", bytes: new Uint8Array([82]) },
      sampleRate: 8_000,
    },
  ],
  video: [
    {
      kind: "video",
      wallTime,
      tag: "v",
      video: { tensor: { shape: [1, 2, 1, 1, 1], data: new Uint8Array([1, 2]) }, layout: "NTCHW" },
      fps: 4,
    },
    { kind: "video", wallTime, tag: "v", video: { format: "mp4", bytes: new Uint8Array([0]) }, fps: 29.97 },
  ],
  mesh: [
    {
      kind: "mesh",
      wallTime,
      tag: "m",
      vertices: { shape: [1, 1, 3], data: f32(1, 2, 3) },
      colors: { shape: [1, 1, 3], data: new Uint8Array([1, 2, 3]) },
      faces: { shape: [1, 1, 3], data: new Int32Array([0, 0, 0]) },
      config: { camera: { cls: "PerspectiveCamera", fov: 75 } },
    },
  ],
  embedding: [
    {
      kind: "embedding",
      wallTime,
      tag: "e",
      points: { shape: [1, 2], data: f32(1, 2) },
      metadata: [["a", "b"]],
      metadataHeader: ["x", "y"],
      images: { shape: [1, 1, 1, 1], data: f32(0.5) },
    },
  ],
  prCurve: [
    {
      kind: "prCurve",
      wallTime,
      tag: "p",
      labels: new Uint8Array([0, 1]),
      predictions: f32(0.1, 0.9),
      weights: f32(1, 2),
      numThresholds: 127,
    },
  ],
  prCurveRaw: [
    {
      kind: "prCurveRaw",
      wallTime,
      tag: "p",
      truePositives: [1],
      falsePositives: [0],
      trueNegatives: [1],
      falseNegatives: [0],
      precision: [1],
      recall: [Number.NaN],
      numThresholds: 1,
    },
  ],
  graph: [
    {
      kind: "graph",
      wallTime,
      graph: {
        nodes: [
          {
            name: "a/b",
            op: "MatMul",
            inputs: ["x"],
            outputShapes: [[-1, 2]],
            device: "/cpu:0",
            attributes: { k: 1, t: true },
          },
        ],
      },
    },
    { kind: "graph", wallTime, graph: { onnx: new Uint8Array([8, 1]) } },
  ],
  layout: [{ kind: "layout", wallTime, layout: { losses: { both: ["Multiline", ["a", "b"]] } } }],
  hparams: [
    {
      kind: "hparams",
      wallTime,
      hparams: { lr: 0.1, name: "x", flag: true, none: null },
      metrics: { acc: 0.9 },
      domainDiscrete: { lr: [0.1, 0.2] },
      runName: "r",
    },
  ],
  table: [
    {
      kind: "table",
      wallTime,
      tag: "t",
      columns: ["a", "b"],
      rows: [
        [1, null],
        [Number.NaN, { x: [-0, "y"] }],
      ],
    },
  ],
  params: [
    {
      kind: "params",
      wallTime,
      params: { model: { layers: 50, lr: Number.POSITIVE_INFINITY }, list: [1, [2]], empty: {}, none: null },
    },
    // Names that look like the file's own marks, or like members every object has.
    {
      kind: "params",
      wallTime,
      params: {
        $number: "NaN",
        nested: { $array: "float32", data: "", $$x: { $y: 1 } },
        constructor: 1,
        toString: "a",
      },
    },
    { kind: "params", wallTime, params: JSON.parse('{"__proto__": {"a": 1}, "$z": {"__proto__": 2}}') },
  ],
  summary: [{ kind: "summary", wallTime, values: { best: 0.9, nested: { a: [true] } } }],
  tags: [{ kind: "tags", wallTime, tags: ["a", "日本"] }],
  artifact: [
    {
      kind: "artifact",
      wallTime,
      name: "m",
      type: "model",
      path: "models/m.bin",
      source: { bytes: new Uint8Array([1, 2]) },
      description: "d",
      metadata: { a: 1 },
      aliases: ["latest"],
    },
    { kind: "artifact", wallTime, name: "m", type: "file", path: "m", source: { file: "/tmp/m" } },
    { kind: "artifact", wallTime, name: "m", type: "dataset", path: "m", source: { folder: "/tmp" } },
    { kind: "artifact", wallTime, name: "m", type: "dataset", path: "m", source: { reference: "s3://b/k" } },
  ],
  console: [{ kind: "console", wallTime, stream: "stderr", text: "\u001b[31mred\u001b[0m\r\n" }],
  system: [{ kind: "system", wallTime, values: { "cpu.percent": 12.5 } }],
  native: [{ kind: "native", wallTime, backend: "jsonl", name: "ping", data: { list: [1, -0], text: "x" } }],
  environment: [{ kind: "environment", wallTime, environment: { node: "v20", packages: { a: "1" } } }],
  finish: [
    { kind: "finish", wallTime, outcome: { status: "finished", exitCode: 0 } },
    { kind: "finish", wallTime, outcome: { status: "killed", exitCode: 143, reason: "SIGTERM" } },
  ],
};
