import { compactJson, type FileValue } from "../values/file-json.js";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { MEDIA, type MediaSpec, mediaError, nextMediaId } from "./media-spec.js";

/** A Plotly figure as its library describes it. */
export interface PlotlyFigure {
  readonly data: readonly object[];
  readonly layout?: object;
  readonly frames?: readonly object[];
}

/**
 * A Plotly figure, drawn by W&B. Typed arrays may stand for lists.
 *
 * @example
 * ```ts
 * run.log({ curve: new wandb.Plotly({ data: [{ type: "scatter", x: [1, 2], y: [3, 4] }] }) });
 * ```
 */
export class Plotly extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "pythonObject", className: "Plotly" };

  constructor(figure: PlotlyFigure) {
    super();
    if (typeof figure !== "object" || figure === null || !Array.isArray(figure.data)) {
      throw mediaError("Plotly: a figure is an object with data, an array of traces, and layout.");
    }
    const text = compactJson(figureJson(figure, 0));
    this.spec = {
      [MEDIA]: "plotly",
      id: nextMediaId(),
      source: { text },
      extension: ".plotly.json",
      members: {},
    };
  }
}

function figureJson(value: unknown, depth: number): FileValue {
  if (depth > 100)
    throw mediaError("Plotly: the figure nests deeper than 100 levels; does it contain itself?");
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, Number);
  if (Array.isArray(value)) return value.map((item) => figureJson(item, depth + 1));
  if (typeof value === "object") {
    const members = Object.entries(value).filter(
      ([, member]) => member !== undefined && typeof member !== "function",
    );
    return Object.fromEntries(members.map(([key, member]) => [key, figureJson(member, depth + 1)]));
  }
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") return value;
  return String(value);
}
