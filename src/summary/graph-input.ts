import { TraceletError } from "../errors.js";
import { checkTag } from "../events/check.js";
import type { GraphEvent, GraphNode } from "../events/event.js";
import { fileBytes } from "./input.js";

/** A TensorFlow.js LayersModel, as far as its graph is read. */
export interface LayersModelLike {
  readonly name: string;
  readonly layers: readonly LayerLike[];
}

/** A layer of such a model. */
export interface LayerLike {
  readonly name: string;
  getClassName(): string;
  readonly outputShape?: unknown;
  readonly inboundNodes?: readonly { readonly inboundLayers?: readonly { readonly name: string }[] }[];
}

/** A graph: its nodes, an ONNX file's bytes or path, or a TensorFlow.js layers model. */
export type GraphInput = readonly GraphNode[] | { readonly onnx: Uint8Array | string } | LayersModelLike;

/** What a graph call was given, in one of the forms the event knows. */
export function graphInput(input: GraphInput): GraphEvent["graph"] {
  if (Array.isArray(input)) return { nodes: checkNodes(input as readonly GraphNode[]) };
  if ("onnx" in input) {
    const onnx = fileBytes(input.onnx, "addGraph");
    if (onnx !== undefined) return { onnx };
  }
  if ("layers" in input) return { nodes: layersModelNodes(input) };
  throw new TraceletError(
    "invalid-value",
    "addGraph: give a list of nodes, {onnx: bytes or path}, or a TensorFlow.js layers model",
  );
}

function checkNodes(nodes: readonly GraphNode[]): readonly GraphNode[] {
  const names = new Set<string>();
  for (const node of nodes) {
    checkTag(node.name);
    if (typeof node.op !== "string")
      throw new TraceletError("invalid-value", `addGraph: node "${node.name}" has no op`);
    if (names.has(node.name))
      throw new TraceletError("invalid-value", `addGraph: two nodes are named "${node.name}"`);
    names.add(node.name);
  }
  return nodes;
}

/** One node a layer, nested under the model's name; the inputs are the layers before. */
function layersModelNodes(model: LayersModelLike): GraphNode[] {
  const known = new Set(model.layers.map((layer) => layer.name));
  return model.layers.map((layer, index) => {
    const connected = (layer.inboundNodes ?? [])
      .flatMap((node) => node.inboundLayers ?? [])
      .map(({ name }) => name)
      .filter((name) => known.has(name));
    // A sequential model's layers may not say what they follow.
    const before = connected.length > 0 ? connected : index > 0 ? [model.layers[index - 1]!.name] : [];
    return {
      name: `${model.name}/${layer.name}`,
      op: layer.getClassName(),
      inputs: before.map((name) => `${model.name}/${name}`),
      outputShapes: shapesOf(layer.outputShape),
    };
  });
}

/** A layer's shape, or its list of shapes; tfjs writes null for the batch size. */
function shapesOf(shape: unknown): number[][] {
  if (!Array.isArray(shape)) return [];
  const one = (sizes: readonly unknown[]) => sizes.map((size) => (typeof size === "number" ? size : -1));
  return Array.isArray(shape[0]) ? shape.map(one) : [one(shape)];
}
