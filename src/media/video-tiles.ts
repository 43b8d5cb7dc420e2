import type { PixelTensor } from "../events/event.js";
import { checkSize, pictureCopier } from "./image-pixels.js";
import { axesOf, checkLayout } from "./layout.js";
import { quantize } from "./quantize.js";

/** Moving pictures as RGB frames. */
export interface VideoFrames {
  /** Row-major RGB, `width * height * 3` bytes each. */
  readonly frames: Uint8Array[];
  readonly width: number;
  readonly height: number;
  /** Channels of the tensor that was logged: 1, 3 or 4 (an alpha channel is left out of the frames). */
  readonly channels: number;
}

/**
 * Lays the videos of a batch side by side, by torch's rules: N is filled up with black to a power of two; there are
 * `2 ** floor((bits(N) - 1) / 2)` rows, `bits` being the number of binary digits. Values are scaled as in `toPixels`.
 * The layout may lack N (one video) and C (gray).
 *
 * @throws TraceletError `invalid-value` naming letters and shape when they do not fit (see `checkLayout`).
 * @example
 * ```ts
 * tileVideo({ tensor: { shape: [3, 16, 3, 64, 64], data }, layout: "NTCHW" }); // 16 frames of 128x128
 * ```
 */
export function tileVideo({ tensor, layout }: PixelTensor): VideoFrames {
  checkLayout(layout, tensor.shape, "video", "video");
  checkSize(tensor, "video");
  const axes = axesOf(layout, tensor.shape);
  const { N, T, C, H, W } = axes;
  // The frames are RGB: of four channels the last is not copied.
  const rgb = C.length === 4 ? { ...axes, C: { length: 3, stride: C.stride } } : axes;
  const { copy } = pictureCopier(rgb, quantize(tensor));

  const bits = 32 - Math.clz32(N.length);
  const padded = 2 ** (32 - Math.clz32(N.length - 1));
  const rows = 2 ** Math.floor((bits - 1) / 2);
  const columns = padded / rows;
  const width = columns * W.length;
  const height = rows * H.length;
  const frames = Array.from({ length: T.length }, (_, time) => {
    const frame = new Uint8Array(width * height * 3);
    for (let index = 0; index < N.length; index++) {
      const top = Math.floor(index / columns) * H.length;
      const left = (index % columns) * W.length;
      copy(index * N.stride + time * T.stride, frame, (top * width + left) * 3, width * 3);
    }
    return frame;
  });
  return { frames, width, height, channels: C.length };
}
