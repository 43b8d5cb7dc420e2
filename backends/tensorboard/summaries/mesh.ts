import type { JsonValue, MeshEvent } from "../../../src/events/event.js";
import type { ValueMessage } from "../messages.js";
import { encodeMessage } from "../schema.js";
import { floatTensor } from "./tensor.js";

/** The parts in torch's order, with TensorBoard's content types. */
const PARTS = [
  { field: "vertices", suffix: "_VERTEX", contentType: 1 },
  { field: "faces", suffix: "_FACE", contentType: 2 },
  { field: "colors", suffix: "_COLOR", contentType: 3 },
] as const;

/** JSON with sorted keys and a space behind commas and colons, as Python writes it. */
function sortedJson(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(", ")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${sortedJson(item)}`).join(", ")}}`;
}

/** A point cloud or mesh (`add_mesh`): one value for each of vertices, faces and colours that is there. */
export function meshValues(event: MeshEvent): ValueMessage[] {
  const present = PARTS.filter(({ field }) => event[field] !== undefined);
  const components = present.reduce((mask, { contentType }) => mask | (1 << contentType), 0);
  const jsonConfig = sortedJson(event.config ?? {});
  return present.map(({ field, suffix, contentType }) => {
    const { shape, data } = event[field]!;
    const content = { name: event.tag, contentType, jsonConfig, shape, components };
    return {
      tag: event.tag + suffix,
      tensor: floatTensor(shape, data),
      metadata: { pluginData: { pluginName: "mesh", content: encodeMessage("MeshData", content) } },
    };
  });
}
