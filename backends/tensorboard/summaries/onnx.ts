import { TraceletError } from "../../../src/errors.js";
import { shapeMessage } from "../messages.js";
import { decodeMessage } from "../schema.js";

interface OnnxAttribute {
  readonly name?: string;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
  readonly type?: number;
}

interface OnnxNode {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute?: readonly OnnxAttribute[];
}

interface OnnxValueInfo {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: { readonly dim?: readonly { dimValue?: number }[] };
    };
  };
}

interface OnnxModel {
  readonly graph?: {
    readonly node?: readonly OnnxNode[];
    readonly input?: readonly OnnxValueInfo[];
    readonly output?: readonly OnnxValueInfo[];
  };
}

const utf8 = new TextEncoder();

const pythonBytes = (bytes: Uint8Array) =>
  `b'${Buffer.from(bytes).toString("latin1").replace(/[\\']/g, "\\$&")}'`;
const pythonFloat = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));

/** `name = value = typeNumber` with the value in Python's notation, as torch writes it; tensors are left out. */
function attributeText({ name, f, i, s, floats, ints, strings, type }: OnnxAttribute): string {
  const parts = [name];
  if (f !== undefined) parts.push(pythonFloat(f));
  if (i !== undefined) parts.push(String(i));
  if (s !== undefined) parts.push(pythonBytes(s));
  if (floats !== undefined) parts.push(`[${floats.map(pythonFloat).join(", ")}]`);
  if (ints !== undefined) parts.push(`[${ints.join(", ")}]`);
  if (strings !== undefined) parts.push(`[${strings.map(pythonBytes).join(", ")}]`);
  if (type !== undefined) parts.push(String(type));
  return parts.filter((part) => part !== undefined).join(" = ");
}

function variableNode({ name = "", type }: OnnxValueInfo): object {
  const sizes = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue = 0 }) => dimValue);
  const attr = { dtype: { type: type?.tensorType?.elemType ?? 0 }, shape: { shape: shapeMessage(sizes) } };
  return { name, op: "Variable", attr };
}

/**
 * The NodeDef messages of an ONNX model as `add_onnx_graph` makes them: a `Variable` for every input and output of
 * the graph, then its operations, each under the name of its first output.
 *
 * @throws TraceletError `invalid-value` when the bytes hold no ONNX graph.
 */
export function onnxNodes(bytes: Uint8Array): object[] {
  let model: OnnxModel;
  try {
    model = decodeMessage("OnnxModel", bytes) as OnnxModel;
  } catch (cause) {
    throw new TraceletError("invalid-value", "The bytes are no ONNX model.", {
      backend: "tensorboard",
      cause,
    });
  }
  const { input = [], output = [], node = [] } = model.graph ?? {};
  if (input.length + output.length + node.length === 0) {
    throw new TraceletError("invalid-value", "The ONNX model has no graph.", { backend: "tensorboard" });
  }
  return [
    ...[...input, ...output].map(variableNode),
    ...node.map((operation) => ({
      name: operation.output?.[0] ?? operation.name ?? "",
      op: operation.opType ?? "",
      input: operation.input ?? [],
      attr: { parameters: { s: utf8.encode((operation.attribute ?? []).map(attributeText).join(", ")) } },
    })),
  ];
}
