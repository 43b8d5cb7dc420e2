import { createRequire } from "node:module";
import type protobuf from "protobufjs";
import type { EventMessage } from "./messages.js";

/**
 * Field numbers and types of TensorBoard's messages (proto3), for protobufjs. Each line is `field: "number type"`;
 * `oneof` names the members of which at most one is set and which are written even when zero.
 */
type MessageSchema = { readonly fields: { readonly [field: string]: string }; readonly oneof?: string[] };

const SCHEMA: { readonly [message: string]: MessageSchema } = {
  Event: {
    fields: {
      wallTime: "1 double",
      step: "2 int64",
      fileVersion: "3 string",
      graphDef: "4 bytes",
      summary: "5 Summary",
      sessionLog: "7 SessionLog",
      taggedRunMetadata: "8 TaggedRunMetadata",
      sourceMetadata: "10 SourceMetadata",
    },
    oneof: ["fileVersion", "graphDef", "summary", "sessionLog", "taggedRunMetadata"],
  },
  SessionLog: { fields: { status: "1 int32", checkpointPath: "2 string", msg: "3 string" } },
  TaggedRunMetadata: { fields: { tag: "1 string", runMetadata: "2 bytes" } },
  SourceMetadata: { fields: { writer: "1 string" } },
  Summary: { fields: { value: "1 repeated Value" } },
  Value: {
    fields: {
      tag: "1 string",
      simpleValue: "2 float",
      image: "4 Image",
      histo: "5 Histogram",
      audio: "6 Audio",
      tensor: "8 Tensor",
      metadata: "9 Metadata",
    },
    oneof: ["simpleValue", "image", "histo", "audio", "tensor"],
  },
  Image: {
    fields: { height: "1 int32", width: "2 int32", colorspace: "3 int32", encodedImageString: "4 bytes" },
  },
  Histogram: {
    fields: {
      min: "1 double",
      max: "2 double",
      num: "3 double",
      sum: "4 double",
      sumSquares: "5 double",
      bucketLimit: "6 repeated double",
      bucket: "7 repeated double",
    },
  },
  Audio: {
    fields: {
      sampleRate: "1 float",
      numChannels: "2 int64",
      lengthFrames: "3 int64",
      encodedAudioString: "4 bytes",
      contentType: "5 string",
    },
  },
  Metadata: {
    fields: {
      pluginData: "1 PluginData",
      displayName: "2 string",
      summaryDescription: "3 string",
      dataClass: "4 int32",
    },
  },
  PluginData: { fields: { pluginName: "1 string", content: "2 bytes" } },
  Tensor: {
    fields: {
      dtype: "1 int32",
      tensorShape: "2 Shape",
      tensorContent: "4 bytes",
      floatVal: "5 repeated float",
      doubleVal: "6 repeated double",
      intVal: "7 repeated int32",
      stringVal: "8 repeated bytes",
      int64Val: "10 repeated int64",
      boolVal: "11 repeated bool",
      uint32Val: "16 repeated uint32",
    },
  },
  Shape: { fields: { dim: "2 repeated Dim" } },
  Dim: { fields: { size: "1 int64" } },
  PrCurveData: { fields: { numThresholds: "2 uint32" } },
  MeshData: {
    fields: {
      name: "2 string",
      contentType: "3 int32",
      jsonConfig: "5 string",
      shape: "6 repeated int32",
      components: "7 uint32",
    },
  },
  Layout: { fields: { category: "2 repeated Category" } },
  Category: { fields: { title: "1 string", chart: "2 repeated Chart" } },
  Chart: {
    fields: { title: "1 string", multiline: "2 Multiline", margin: "3 Margin" },
    oneof: ["multiline", "margin"],
  },
  Multiline: { fields: { tag: "1 repeated string" } },
  Margin: { fields: { series: "1 repeated Series" } },
  Series: { fields: { value: "1 string", lower: "2 string", upper: "3 string" } },
  HparamsData: {
    fields: {
      experiment: "2 Experiment",
      sessionStartInfo: "3 SessionStart",
      sessionEndInfo: "4 SessionEnd",
    },
    oneof: ["experiment", "sessionStartInfo", "sessionEndInfo"],
  },
  Experiment: { fields: { hparamInfos: "4 repeated HparamInfo", metricInfos: "5 repeated MetricInfo" } },
  HparamInfo: { fields: { name: "1 string", type: "4 int32", domainDiscrete: "5 ListValue" } },
  MetricInfo: { fields: { name: "1 MetricName" } },
  MetricName: { fields: { tag: "2 string" } },
  SessionStart: { fields: { hparams: "1 map JsonValue" } },
  SessionEnd: { fields: { status: "1 int32" } },
  JsonValue: {
    fields: { numberValue: "2 double", stringValue: "3 string", boolValue: "4 bool" },
    oneof: ["numberValue", "stringValue", "boolValue"],
  },
  ListValue: { fields: { values: "1 repeated JsonValue" } },
  GraphDef: { fields: { node: "1 repeated NodeDef", versions: "4 VersionDef" } },
  VersionDef: { fields: { producer: "1 int32" } },
  NodeDef: {
    fields: {
      name: "1 string",
      op: "2 string",
      input: "3 repeated string",
      device: "4 string",
      attr: "5 map AttrValue",
    },
  },
  AttrValue: {
    fields: {
      list: "1 AttrList",
      s: "2 bytes",
      i: "3 int64",
      f: "4 float",
      b: "5 bool",
      type: "6 int32",
      shape: "7 Shape",
    },
    oneof: ["list", "s", "i", "f", "b", "type", "shape"],
  },
  AttrList: { fields: { shape: "7 repeated Shape" } },
  RunMetadata: { fields: { stepStats: "1 StepStats" } },
  StepStats: { fields: { devStats: "1 repeated DeviceStepStats" } },
  DeviceStepStats: { fields: { device: "1 string" } },
  // ONNX, as far as a graph's picture needs it.
  OnnxModel: { fields: { graph: "7 OnnxGraph" } },
  OnnxGraph: {
    fields: {
      node: "1 repeated OnnxNode",
      input: "11 repeated OnnxValueInfo",
      output: "12 repeated OnnxValueInfo",
    },
  },
  OnnxNode: {
    fields: {
      input: "1 repeated string",
      output: "2 repeated string",
      name: "3 string",
      opType: "4 string",
      attribute: "5 repeated OnnxAttribute",
    },
  },
  OnnxAttribute: {
    fields: {
      name: "1 string",
      f: "2 float",
      i: "3 int64",
      s: "4 bytes",
      floats: "7 repeated float",
      ints: "8 repeated int64",
      strings: "9 repeated bytes",
      type: "20 int32",
    },
  },
  OnnxValueInfo: { fields: { name: "1 string", type: "2 OnnxType" } },
  OnnxType: { fields: { tensorType: "1 OnnxTensorType" } },
  OnnxTensorType: { fields: { elemType: "1 int32", shape: "2 OnnxShape" } },
  OnnxShape: { fields: { dim: "1 repeated OnnxDim" } },
  OnnxDim: { fields: { dimValue: "1 int64" } },
};

function fieldDefinition(line: string): protobuf.IField & { keyType?: string } {
  const [id, ...words] = line.split(" ") as [string, ...string[]];
  const type = words.at(-1)!;
  if (words[0] === "repeated") return { id: Number(id), type, rule: "repeated" };
  return words[0] === "map" ? { id: Number(id), type, keyType: "string" } : { id: Number(id), type };
}

let root: protobuf.Root | undefined;

/** The protobufjs type of a message. protobufjs takes 25 ms to load, so that waits until it is needed. */
function messageType(name: string): protobuf.Type {
  if (root === undefined) {
    const { Root } = createRequire(import.meta.url)("protobufjs/light.js") as typeof protobuf;
    const nested: { [message: string]: protobuf.IType } = {};
    for (const [message, { fields, oneof }] of Object.entries(SCHEMA)) {
      nested[message] = {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, line]) => [field, fieldDefinition(line)]),
        ),
        ...(oneof === undefined ? {} : { oneofs: { kind: { oneof } } }),
      };
    }
    root = Root.fromJSON({ edition: "proto3", nested } as protobuf.INamespace);
  }
  return root.lookupType(name);
}

/** Replaces lone surrogates: one string that is invalid UTF-8 stops TensorBoard's Python reader for all runs. */
function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\p{Surrogate}/gu, "\uFFFD");
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return typeof value[0] === "number" ? value : value.map(wellFormed);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [wellFormed(key), wellFormed(item)]));
}

/** Serializes a message. */
export function encodeMessage(name: string, message: object): Uint8Array {
  return messageType(name)
    .encode(wellFormed(message) as { [field: string]: unknown })
    .finish();
}

/** Reads a message; 64-bit integers become numbers. Throws when the bytes are no such message. */
export function decodeMessage(name: string, bytes: Uint8Array): unknown {
  const type = messageType(name);
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
