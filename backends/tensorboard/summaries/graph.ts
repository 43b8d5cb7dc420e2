import type { GraphEvent, GraphNode } from "../../../src/events/event.js";
import { type EventMessage, shapeMessage } from "../messages.js";
import { encodeMessage } from "../schema.js";
import { onnxNodes } from "./onnx.js";

/** The GraphDef version that torch states. */
const PRODUCER = 22;
const utf8 = new TextEncoder();

function attributeMessage(value: string | number | boolean): object {
  if (typeof value === "string") return { s: utf8.encode(value) };
  if (typeof value === "boolean") return { b: value };
  return Number.isSafeInteger(value) ? { i: value } : { f: value };
}

function nodeMessage({ name, op, inputs = [], outputShapes, device, attributes = {} }: GraphNode): object {
  const attr: { [name: string]: object } = {};
  for (const [key, value] of Object.entries(attributes)) attr[key] = attributeMessage(value);
  if (outputShapes !== undefined)
    attr["_output_shapes"] = { list: { shape: outputShapes.map(shapeMessage) } };
  return { name, op, input: inputs, ...(device === undefined ? {} : { device }), attr };
}

/**
 * A model's graph. Nodes are followed by the run metadata that torch's `add_graph` writes; the nodes of an ONNX file
 * stand alone, as of `add_onnx_graph`. Graphs have no step. Throws when the ONNX bytes are none.
 */
export function graphEvents({ wallTime, graph }: GraphEvent): EventMessage[] {
  const node = "onnx" in graph ? onnxNodes(graph.onnx) : graph.nodes.map(nodeMessage);
  const graphDef = encodeMessage("GraphDef", { node, versions: { producer: PRODUCER } });
  if ("onnx" in graph) return [{ wallTime, graphDef }];
  const runMetadata = encodeMessage("RunMetadata", {
    stepStats: { devStats: [{ device: "/device:CPU:0" }] },
  });
  return [
    { wallTime, graphDef },
    { wallTime, taggedRunMetadata: { tag: "step1", runMetadata } },
  ];
}
