import type { Tensor } from "../events/tensor.js";
import { checkSize, pictureCopier } from "./image-pixels.js";
import { axesOf, checkLayout } from "./layout.js";
import { isBytes, quantize } from "./quantize.js";
import { invalid } from "./wrong-value.js";

/** The picture TensorBoard's projector cuts the points' small pictures from. */
export interface Sprite {
  /** Row-major RGB. */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Size of one small picture, for `single_image_dim`. */
  readonly imageWidth: number;
  readonly imageHeight: number;
}

/**
 * Arranges the pictures of an embedding in a grid with `ceil(sqrt(N))` columns on a square black canvas, as torch's
 * `add_embedding` does. Floating-point values are taken as 0..1: times 255 in float64, clipped, truncated.
 *
 * Two differences, where torch's result is of no use: bytes are kept (torch makes everything above 0 white), and
 * pictures higher than wide make the canvas as high as they need (torch fails).
 *
 * @param images Shape [N, C, H, W] with 1 or 3 channels.
 * @throws TraceletError `invalid-value` for any other shape.
 * @example
 * ```ts
 * embeddingSprite({ shape: [100, 1, 28, 28], data }); // 280x280, 28x28 each
 * ```
 */
export function embeddingSprite(images: Tensor): Sprite {
  checkLayout("NCHW", images.shape, "embedding images");
  checkSize(images, "embedding images");
  const axes = axesOf("NCHW", images.shape);
  const { N, C, H, W } = axes;
  if (C.length !== 1 && C.length !== 3) {
    throw invalid(`embedding images: ${C.length} channels (shape [${images.shape.join(", ")}]); pass 1 or 3`);
  }
  const columns = Math.ceil(Math.sqrt(N.length));
  const width = columns * W.length;
  const height = Math.max(width, Math.ceil(N.length / columns) * H.length);
  const pixels = new Uint8Array(width * height * 3);
  const { copy } = pictureCopier(axes, isBytes(images) ? quantize(images) : scale(images));
  for (let index = 0; index < N.length; index++) {
    const top = Math.floor(index / columns) * H.length;
    const left = (index % columns) * W.length;
    copy(index * N.stride, pixels, (top * width + left) * 3, width * 3);
  }
  return { pixels, width, height, imageWidth: W.length, imageHeight: H.length };
}

/** Unlike the images of `addImage` these are scaled in float64, and some levels come out one lower. */
function scale({ data }: Tensor): Uint8Array {
  const out = new Uint8ClampedArray(data.length);
  for (let at = 0; at < data.length; at++) out[at] = Math.trunc(Number(data[at]) * 255);
  return new Uint8Array(out.buffer);
}
