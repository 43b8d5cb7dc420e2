import { formatBytes } from "../../src/backend/format-bytes.js";
import type { Event, JsonObject, JsonValue, PixelTensor } from "../../src/events/event.js";
import type { Tensor } from "../../src/events/tensor.js";
import { formatNumber, type Pair } from "./layout.js";

/** Names joined by dots and values as text, for parameters and summaries. */
export function flatten(object: JsonObject, prefix = ""): Pair[] {
  return Object.entries(object).flatMap(([name, value]): Pair[] => {
    const path = prefix + oneLine(name);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return [[path, formatJson(value)]];
    const members = flatten(value as JsonObject, `${path}.`);
    return members.length > 0 ? members : [[path, "{}"]];
  });
}

function formatJson(value: JsonValue): string {
  if (typeof value === "number") return formatNumber(value);
  return typeof value === "string" ? oneLine(value) : JSON.stringify(value);
}

/** Logged text must not move the cursor or change the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace
  return text.replace(/\r\n/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** The same for a name or value inside a line. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}

/** What a medium or another event without a line of its own holds, in a few words. */
export function describe(event: Event): string {
  switch (event.kind) {
    case "histogram":
      return `${event.values.length} values`;
    case "histogramRaw":
      return `${formatNumber(event.num)} values, ${formatNumber(event.min)} to ${formatNumber(event.max)}`;
    case "tensor":
      return describeTensor(event.tensor);
    case "image":
      return "format" in event.image
        ? `${event.image.format}, ${formatBytes(event.image.bytes.length)}`
        : describePixels(event.image);
    case "figure":
      return "bytes" in event.figure
        ? `${event.figure.format}, ${formatBytes(event.figure.bytes.length)}`
        : event.figure.format;
    case "audio":
      return "format" in event.audio
        ? `${event.audio.format}, ${formatBytes(event.audio.bytes.length)}`
        : `${describeTensor(event.audio)}, ${formatNumber(event.sampleRate)} Hz`;
    case "video":
      return "format" in event.video
        ? `${event.video.format}, ${formatBytes(event.video.bytes.length)}`
        : `${describePixels(event.video)}, ${formatNumber(event.fps)} frames/s`;
    case "mesh":
      return `vertices ${describeTensor(event.vertices)}`;
    case "embedding":
      return describeTensor(event.points);
    case "prCurve":
      return `${event.predictions.length} predictions, ${event.numThresholds} thresholds`;
    case "prCurveRaw":
      return `${event.numThresholds} thresholds`;
    case "graph":
      return "onnx" in event.graph
        ? `onnx, ${formatBytes(event.graph.onnx.length)}`
        : `${event.graph.nodes.length} nodes`;
    case "layout":
      return Object.keys(event.layout).map(oneLine).join(", ");
    case "table":
      return `${event.rows.length} rows: ${event.columns.map(oneLine).join(", ")}`;
    case "artifact":
      return `${oneLine(event.type)}, ${describeSource(event.source)}`;
    case "tags":
      return event.tags.map(oneLine).join(", ");
    default:
      return "";
  }
}

/** `512x512 CHW` is width by height and the layout; several pictures or frames are counted in front. */
function describePixels({ tensor, layout }: PixelTensor): string {
  const size = (axis: string): number | undefined => tensor.shape[layout.indexOf(axis)];
  const count = (size("N") ?? 1) * (size("T") ?? 1);
  return `${count > 1 ? `${count} x ` : ""}${size("W") ?? "?"}x${size("H") ?? "?"} ${layout}`;
}

function describeTensor(tensor: Tensor): string {
  const type = tensor.bool ? "bool" : tensor.data.constructor.name.replace("Array", "").toLowerCase();
  return `${type} [${tensor.shape.join(", ")}]`;
}

function describeSource(source: Extract<Event, { kind: "artifact" }>["source"]): string {
  if ("bytes" in source) return formatBytes(source.bytes.length);
  return oneLine("file" in source ? source.file : "folder" in source ? source.folder : source.reference);
}
