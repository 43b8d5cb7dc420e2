import { TraceletError } from "../errors.js";
import { checkTag } from "../events/check.js";
import type { EmbeddingEvent } from "../events/event.js";
import type { TensorInput } from "../media/tensor-input.js";
import { type AddOptions, eventBase, tensorOfShape } from "./input.js";

/** Options of `addEmbedding`. */
export interface EmbeddingOptions extends AddOptions {
  readonly metadata?: readonly (string | number | boolean | readonly (string | number | boolean)[])[];
  readonly metadataHeader?: readonly string[];
  readonly labelImages?: TensorInput;
  readonly step?: number | null;
  readonly tag?: string;
}

/** The event of an embedding; every point needs its metadata and picture if there are any. */
export function embeddingInput(points: TensorInput, options: EmbeddingOptions): EmbeddingEvent {
  const { metadata, metadataHeader, labelImages, step, tag = "default", wallTime } = options;
  const tensor = tensorOfShape(points, [null, null], "addEmbedding");
  const count = tensor.shape[0]!;
  const rows = metadata?.map((row) => (Array.isArray(row) ? row.map(String) : [String(row)]));
  if (rows !== undefined && rows.length !== count) {
    throw new TraceletError(
      "invalid-value",
      `addEmbedding: ${rows.length} rows of metadata for ${count} points`,
    );
  }
  const cells = metadataHeader?.length ?? 1;
  const uneven = rows?.findIndex((row) => row.length !== cells) ?? -1;
  if (uneven >= 0) {
    throw new TraceletError(
      "invalid-value",
      `addEmbedding: metadata row ${uneven} has ${rows![uneven]!.length} cells instead of ${cells}; metadataHeader names the columns`,
    );
  }
  const images =
    labelImages === undefined
      ? undefined
      : tensorOfShape(labelImages, [count, null, null, null], "addEmbedding labelImages");
  return {
    kind: "embedding",
    tag: checkTag(tag),
    points: tensor,
    ...(rows !== undefined && { metadata: rows }),
    ...(metadataHeader !== undefined && { metadataHeader: [...metadataHeader] }),
    ...(images !== undefined && { images }),
    ...eventBase(step ?? 0, wallTime),
  };
}
