import { readFileSync } from "node:fs";
import { TraceletError } from "../errors.js";
import { checkStep, checkWallTime, wallTimeNow } from "../events/check.js";
import type { EncodedMedia, EventBase, PixelTensor } from "../events/event.js";
import type { Tensor } from "../events/tensor.js";
import { sniffImage } from "../media/image-file.js";
import { checkLayout } from "../media/layout.js";
import { type TensorInput, toTensor } from "../media/tensor-input.js";

/** Options every `add…` call understands. */
export interface AddOptions {
  /** Seconds since the epoch; default now. */
  readonly wallTime?: number;
}

/** Step and wall time of an event. */
export function eventBase(step: number | null | undefined, wallTime: number | undefined): EventBase {
  const checked = checkStep(step);
  const base = { wallTime: wallTime === undefined ? wallTimeNow() : checkWallTime(wallTime) };
  return checked === undefined ? base : { ...base, step: checked };
}

/** Pixels as numbers with a shape, or a picture file: its bytes or its path. */
export type ImageInput = TensorInput | Uint8Array | string;

/**
 * The picture of an image call. Bare bytes are a PNG, JPEG, GIF, BMP or WebP file; pixels need a shape, so they come
 * as nested arrays or tensor-likes.
 */
export function imageInput(input: ImageInput, layout: string, what: string): PixelTensor | EncodedMedia {
  const bytes = fileBytes(input, what);
  if (bytes !== undefined) {
    const header = sniffImage(bytes);
    if (header === undefined) {
      throw new TraceletError(
        "invalid-value",
        `${what}: these bytes are no PNG, JPEG, GIF, BMP or WebP file; give pixels as {shape, data}`,
      );
    }
    return { format: header.format, bytes };
  }
  return pixels(input as TensorInput, layout, what, "image");
}

/** Pixels with their layout, after checking that they fit. */
export function pixels(
  input: TensorInput,
  layout: string,
  what: string,
  kind: "image" | "video",
): PixelTensor {
  const tensor = toTensor(input, what);
  checkLayout(layout, tensor.shape, what, kind);
  return { tensor, layout: layout.toUpperCase() };
}

/** The bytes of a file given as such or by its path; undefined for anything else. */
export function fileBytes(input: unknown, what: string): Uint8Array | undefined {
  if (typeof input === "string") {
    try {
      return readFileSync(input);
    } catch (cause) {
      throw new TraceletError("invalid-value", `${what}: cannot read the file ${JSON.stringify(input)}`, {
        cause,
      });
    }
  }
  return input instanceof Uint8Array ? input : undefined;
}

/** The tensor, if it has the shape asked for; null stands for any size. */
export function tensorOfShape(input: TensorInput, shape: readonly (number | null)[], what: string): Tensor {
  const tensor = toTensor(input, what);
  const fits =
    tensor.shape.length === shape.length &&
    shape.every((size, axis) => size === null || size === tensor.shape[axis]);
  if (fits) return tensor;
  const expected = shape.map((size) => size ?? "n").join(", ");
  throw new TraceletError(
    "invalid-value",
    `${what}: expected shape [${expected}], not [${tensor.shape.join(", ")}]`,
  );
}
