import { TraceletError } from "../errors.js";
import type { FigureEvent, JsonObject } from "../events/event.js";
import { checkJsonObject } from "../events/json.js";
import { sniffImage } from "../media/image-file.js";
import { fileBytes } from "./input.js";

/**
 * A chart: PNG or JPEG bytes, a path of such a file, SVG text, an object that renders itself to bytes (a canvas with
 * `toBuffer()`), or a Vega-Lite or Plotly specification.
 */
export type FigureInput = Uint8Array | string | { toBuffer(): Uint8Array } | JsonObject;

/** What a figure call was given, in one of the forms the event knows. */
export function figureInput(input: FigureInput, what: string): FigureEvent["figure"] {
  if (typeof input === "string" && input.trimStart().startsWith("<")) return { format: "svg", text: input };
  const bytes = hasToBuffer(input) ? input.toBuffer() : fileBytes(input, what);
  if (bytes !== undefined) {
    const header = sniffImage(bytes);
    if (header !== undefined) return { format: header.format, bytes };
    const text = new TextDecoder().decode(bytes.subarray(0, 4096));
    if (text.includes("<svg")) return { format: "svg", text: new TextDecoder().decode(bytes) };
    throw new TraceletError("invalid-value", `${what}: these bytes are neither a picture nor SVG`);
  }
  if (typeof input === "object" && input !== null && "shape" in input)
    throw new TraceletError("invalid-value", `${what}: pixels are logged with addImage`);
  const spec = checkJsonObject(input, what);
  if (Array.isArray(spec["data"])) return { format: "plotly", spec };
  if ("$schema" in spec || "mark" in spec || "marks" in spec || "layer" in spec)
    return { format: "vega", spec };
  throw new TraceletError(
    "invalid-value",
    `${what}: give picture bytes, SVG text, a canvas, or a Vega-Lite or Plotly specification`,
  );
}

const hasToBuffer = (input: unknown): input is { toBuffer(): Uint8Array } =>
  typeof (input as { toBuffer?: unknown } | null)?.toBuffer === "function";
