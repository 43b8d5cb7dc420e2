import type { PixelTensor } from "../events/event.js";
import type { Tensor } from "../events/tensor.js";
import { type Axes, axesOf, checkLayout } from "./layout.js";
import { quantize } from "./quantize.js";
import { invalid } from "./wrong-value.js";

export { checkLayout } from "./layout.js";

/** An 8-bit picture: row-major, `channels` bytes a pixel: gray+alpha, RGB or RGBA. */
export interface Pixels {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 2 | 3 | 4;
}

/** Pictures side by side in the grid of a batch. */
const GRID_COLUMNS = 8;

/**
 * Makes one picture of a tensor by torch's rules: bytes are kept, other types are taken as 0..1 (times 255, clipped,
 * truncated; NaN is 0); one channel becomes three; a batch becomes a grid of up to 8 columns, row by row, with black
 * where pictures are missing. Beyond torch, batches of 2 and 4 channels are accepted.
 *
 * The pixels may share memory with the tensor.
 *
 * @throws TraceletError `invalid-value` naming letters and shape when they do not fit (see `checkLayout`).
 * @example
 * ```ts
 * toPixels({ tensor: { shape: [1, 28, 28], data: digit }, layout: "CHW" }); // 28x28, channels 3
 * ```
 */
export function toPixels(image: PixelTensor): Pixels {
  const { axes, bytes } = readImage(image);
  const { channels, copy } = pictureCopier(axes, bytes);
  const count = axes.N.length;
  const columns = Math.min(count, GRID_COLUMNS);
  const width = columns * axes.W.length;
  const height = Math.ceil(count / columns) * axes.H.length;
  const already = axes.C.stride === 1 && axes.W.stride === channels && axes.H.stride === width * channels;
  if (count === 1 && already) return { pixels: bytes, width, height, channels };
  const pixels = new Uint8Array(width * height * channels);
  for (let index = 0; index < count; index++) {
    const top = Math.floor(index / columns) * axes.H.length;
    const left = (index % columns) * axes.W.length;
    copy(index * axes.N.stride, pixels, (top * width + left) * channels, width * channels);
  }
  return { pixels, width, height, channels };
}

/**
 * Makes a picture of each element of a batch, for backends that show lists; one of a tensor without N. Values and
 * channels as in `toPixels`.
 *
 * @throws TraceletError `invalid-value`, as `toPixels`.
 * @example
 * ```ts
 * toImages({ tensor: { shape: [16, 3, 32, 32], data }, layout: "NCHW" }).length; // 16
 * ```
 */
export function toImages(image: PixelTensor): Pixels[] {
  const { axes, bytes } = readImage(image);
  const { channels, copy } = pictureCopier(axes, bytes);
  const width = axes.W.length;
  const height = axes.H.length;
  return Array.from({ length: axes.N.length }, (_, index) => {
    const pixels = new Uint8Array(width * height * channels);
    copy(index * axes.N.stride, pixels, 0, width * channels);
    return { pixels, width, height, channels };
  });
}

function readImage({ tensor, layout }: PixelTensor): { axes: Axes; bytes: Uint8Array } {
  checkLayout(layout, tensor.shape, "image");
  checkSize(tensor, "image");
  return { axes: axesOf(layout, tensor.shape), bytes: quantize(tensor) };
}

/** Refuses a tensor whose data are not what its shape says. */
export function checkSize({ shape, data }: Tensor, what: string): void {
  const size = shape.reduce((product, length) => product * length, 1);
  if (size !== data.length) {
    throw invalid(
      `${what}: shape [${shape.join(", ")}] asks for ${size} values, but the data have ${data.length}`,
    );
  }
}

/** Copies the picture that begins at `from` into a canvas at `to`, whose rows are `rowLength` bytes apart. */
export type PictureCopy = (from: number, canvas: Uint8Array, to: number, rowLength: number) => void;

/** A copy function for pictures of one layout, and the channels it writes (one becomes three). */
export function pictureCopier(axes: Axes, bytes: Uint8Array): { channels: 2 | 3 | 4; copy: PictureCopy } {
  const { H, W, C } = axes;
  const channels = (C.length === 1 ? 3 : C.length) as 2 | 3 | 4;
  const channelStride = C.length === 1 ? 0 : C.stride;
  const copy: PictureCopy = (from, canvas, to, rowLength) => {
    for (let y = 0; y < H.length; y++) {
      const source = from + y * H.stride;
      const target = to + y * rowLength;
      for (let channel = 0; channel < channels; channel++) {
        let at = source + channel * channelStride;
        let put = target + channel;
        for (let x = 0; x < W.length; x++) {
          canvas[put] = bytes[at]!;
          at += W.stride;
          put += channels;
        }
      }
    }
  };
  return { channels, copy };
}
