import { createEncoder } from "../../src/protobuf/encode.js";
import type { MessageTable } from "../../src/protobuf/schema.js";
import { createTypes } from "../../src/protobuf/types.js";
import type { EventMessage } from "./messages.js";

/** TensorBoard's messages. */
const messages: MessageTable = {
  Event: {
    wallTime: "1 double",
    step: "2 int64",
    fileVersion: "3 string?",
    graphDef: "4 bytes?",
    summary: "5 Summary?",
    sessionLog: "7 SessionLog?",
    taggedRunMetadata: "8 TaggedRunMetadata?",
    sourceMetadata: "10 SourceMetadata",
  },
  SessionLog: { status: "1 int32", checkpointPath: "2 string", msg: "3 string" },
  TaggedRunMetadata: { tag: "1 string", runMetadata: "2 bytes" },
  SourceMetadata: { writer: "1 string" },
  Summary: { value: "1 Value[]" },
  Value: {
    tag: "1 string",
    simpleValue: "2 float?",
    image: "4 Image?",
    histo: "5 Histogram?",
    audio: "6 Audio?",
    tensor: "8 Tensor?",
    metadata: "9 Metadata",
  },
  Image: { height: "1 int32", width: "2 int32", colorspace: "3 int32", encodedImageString: "4 bytes" },
  Histogram: {
    min: "1 double",
    max: "2 double",
    num: "3 double",
    sum: "4 double",
    sumSquares: "5 double",
    bucketLimit: "6 double[]",
    bucket: "7 double[]",
  },
  Audio: {
    sampleRate: "1 float",
    numChannels: "2 int64",
    lengthFrames: "3 int64",
    encodedAudioString: "4 bytes",
    contentType: "5 string",
  },
  Metadata: {
    pluginData: "1 PluginData",
    displayName: "2 string",
    summaryDescription: "3 string",
    dataClass: "4 int32",
  },
  PluginData: { pluginName: "1 string", content: "2 bytes" },
  Tensor: {
    dtype: "1 int32",
    tensorShape: "2 Shape",
    tensorContent: "4 bytes",
    floatVal: "5 float[]",
    doubleVal: "6 double[]",
    intVal: "7 int32[]",
    stringVal: "8 bytes[]",
    int64Val: "10 int64[]",
    boolVal: "11 bool[]",
    uint32Val: "16 uint32[]",
  },
  Shape: { dim: "2 Dim[]" },
  Dim: { size: "1 int64" },
  PrCurveData: { numThresholds: "2 uint32" },
  MeshData: {
    name: "2 string",
    contentType: "3 int32",
    jsonConfig: "5 string",
    shape: "6 int32[]",
    components: "7 uint32",
  },
  Layout: { category: "2 Category[]" },
  Category: { title: "1 string", chart: "2 Chart[]" },
  Chart: { title: "1 string", multiline: "2 Multiline?", margin: "3 Margin?" },
  Multiline: { tag: "1 string[]" },
  Margin: { series: "1 Series[]" },
  Series: { value: "1 string", lower: "2 string", upper: "3 string" },
  HparamsData: {
    experiment: "2 Experiment?",
    sessionStartInfo: "3 SessionStart?",
    sessionEndInfo: "4 SessionEnd?",
  },
  Experiment: { hparamInfos: "4 HparamInfo[]", metricInfos: "5 MetricInfo[]" },
  HparamInfo: { name: "1 string", type: "4 int32", domainDiscrete: "5 ListValue" },
  MetricInfo: { name: "1 MetricName" },
  MetricName: { tag: "2 string" },
  SessionStart: { hparams: "1 map<string, JsonValue>" },
  SessionEnd: { status: "1 int32" },
  JsonValue: { numberValue: "2 double?", stringValue: "3 string?", boolValue: "4 bool?" },
  ListValue: { values: "1 JsonValue[]" },
  GraphDef: { node: "1 NodeDef[]", versions: "4 VersionDef" },
  VersionDef: { producer: "1 int32" },
  NodeDef: {
    name: "1 string",
    op: "2 string",
    input: "3 string[]",
    device: "4 string",
    attr: "5 map<string, AttrValue>",
  },
  AttrValue: {
    list: "1 AttrList?",
    s: "2 bytes?",
    i: "3 int64?",
    f: "4 float?",
    b: "5 bool?",
    type: "6 int32?",
    shape: "7 Shape?",
  },
  AttrList: { shape: "7 Shape[]" },
  RunMetadata: { stepStats: "1 StepStats" },
  StepStats: { devStats: "1 DeviceStepStats[]" },
  DeviceStepStats: { device: "1 string" },
  // ONNX, as far as a graph's picture needs it.
  OnnxModel: { graph: "7 OnnxGraph" },
  OnnxGraph: { node: "1 OnnxNode[]", input: "11 OnnxValueInfo[]", output: "12 OnnxValueInfo[]" },
  OnnxNode: {
    input: "1 string[]",
    output: "2 string[]",
    name: "3 string",
    opType: "4 string",
    attribute: "5 OnnxAttribute[]",
  },
  OnnxAttribute: {
    name: "1 string",
    f: "2 float",
    i: "3 int64",
    s: "4 bytes",
    floats: "7 float[]",
    ints: "8 int64[]",
    strings: "9 bytes[]",
    type: "20 int32",
  },
  OnnxValueInfo: { name: "1 string", type: "2 OnnxType" },
  OnnxType: { tensorType: "1 OnnxTensorType" },
  OnnxTensorType: { elemType: "1 int32", shape: "2 OnnxShape" },
  OnnxShape: { dim: "1 OnnxDim[]" },
  OnnxDim: { dimValue: "1 int64" },
};

const schema = { messages };
const typeOf = createTypes(schema);

/** Serializes a message. */
export const encodeMessage = createEncoder(schema);

/** Reads a message; 64-bit integers become numbers. Throws when the bytes are no such message. */
export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  const type = typeOf(name);
  return type.toObject(type.decode(bytes), { longs: Number });
}

/** Serializes an event. */
export function encodeEvent(event: EventMessage): Uint8Array {
  return encodeMessage("Event", event);
}

/** Reads an event; throws when the bytes are none. */
export function decodeEvent(bytes: Uint8Array): EventMessage {
  return decodeMessage("Event", bytes) as EventMessage;
}
