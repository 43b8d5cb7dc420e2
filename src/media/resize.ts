import type { Pixels } from "./image-pixels.js";
import { invalid } from "./wrong-value.js";

/** Lobes of the Lanczos kernel on each side. */
const SUPPORT = 3;
/** Weights are fixed-point numbers with this many fraction bits, so that results equal Pillow's to the byte. */
const PRECISION = 22;

/**
 * Resizes an 8-bit picture with the Lanczos filter (3 lobes), byte for byte as Pillow's `LANCZOS` does: rows first,
 * then columns, rounded to bytes in between; colours are weighted by alpha where there is one. (Pillow 13 does the
 * columns first where a picture loses more height than width, which rounds a little differently.)
 *
 * @param pixels Row-major, `channels` bytes a pixel (1 gray, 2 gray+alpha, 3 RGB, 4 RGBA).
 * @throws TraceletError `invalid-value` for sides that are no whole numbers from 1 up or another length of `pixels`.
 * @example
 * ```ts
 * resize(pixels, 640, 480, 3, 320, 240);
 * ```
 */
export function resize(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: number,
  newWidth: number,
  newHeight: number,
): Uint8Array {
  for (const side of [width, height, newWidth, newHeight]) {
    if (!Number.isInteger(side) || side < 1) {
      throw invalid(
        `a picture of ${width}x${height} cannot become ${newWidth}x${newHeight}; sides start at 1 pixel`,
      );
    }
  }
  if (pixels.length !== width * height * channels) {
    throw invalid(`${width}x${height} with ${channels} channels needs ${width * height * channels} bytes`);
  }
  if (newWidth === width && newHeight === height) return pixels.slice();
  const hasAlpha = channels === 2 || channels === 4;
  let current = hasAlpha ? multiplyAlpha(pixels, channels) : pixels;
  if (newWidth !== width) {
    current = resample(
      current,
      kernels(width, newWidth),
      height,
      width * channels,
      newWidth * channels,
      channels,
      channels,
    );
  }
  if (newHeight !== height) {
    // Columns: the "row" is a column of one byte, its neighbours are a row of the picture apart.
    const rowLength = newWidth * channels;
    current = resample(current, kernels(height, newHeight), rowLength, 1, 1, rowLength, 1);
  }
  return hasAlpha ? divideAlpha(current, channels) : current;
}

/**
 * Changes a picture's size by a factor, as torch's `add_image_with_boxes(rescale=...)` does: sides are cut to whole
 * pixels, but never below 1.
 *
 * @throws TraceletError `invalid-value` when the factor is not positive and finite.
 * @example
 * ```ts
 * rescale(picture, 0.5);
 * ```
 */
export function rescale(picture: Pixels, factor: number): Pixels {
  if (!(factor > 0 && Number.isFinite(factor)))
    throw invalid(`rescale must be a positive number; got ${factor}`);
  const width = Math.max(1, Math.trunc(picture.width * factor));
  const height = Math.max(1, Math.trunc(picture.height * factor));
  const pixels = resize(picture.pixels, picture.width, picture.height, picture.channels, width, height);
  return { pixels, width, height, channels: picture.channels };
}

/** For each new position: the first old one that counts, and the weights from there. */
interface Kernel {
  readonly start: number;
  readonly weights: Int32Array;
}

function kernels(oldSize: number, newSize: number): Kernel[] {
  const scale = oldSize / newSize;
  const stretch = Math.max(1, scale); // when shrinking, the kernel covers more old pixels
  const support = SUPPORT * stretch;
  return Array.from({ length: newSize }, (_, position) => {
    const center = (position + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const end = Math.min(oldSize, Math.trunc(center + support + 0.5));
    const exact = Float64Array.from({ length: end - start }, (_, index) =>
      lanczos((index + start - center + 0.5) * (1 / stretch)),
    );
    const total = exact.reduce((sum, weight) => sum + weight, 0);
    const weights = Int32Array.from(exact, (weight) => {
      const fixed = (weight / total) * (1 << PRECISION);
      return Math.trunc(fixed < 0 ? fixed - 0.5 : fixed + 0.5);
    });
    return { start, weights };
  });
}

function lanczos(x: number): number {
  return x >= -SUPPORT && x < SUPPORT ? sinc(x) * sinc(x / SUPPORT) : 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

/**
 * Applies the kernels along one axis. `lines` lines begin `oldLine` bytes apart in the old picture and `newLine` in
 * the new; along a line the pixels are `step` bytes apart and have `channels` bytes.
 */
function resample(
  old: Uint8Array,
  along: readonly Kernel[],
  lines: number,
  oldLine: number,
  newLine: number,
  step: number,
  channels: number,
): Uint8Array {
  const out = new Uint8ClampedArray(lines * channels * along.length);
  along.forEach(({ start, weights }, position) => {
    for (let line = 0; line < lines; line++) {
      const from = line * oldLine + start * step;
      const to = line * newLine + position * step;
      for (let channel = 0; channel < channels; channel++) {
        let sum = 1 << (PRECISION - 1);
        let at = from + channel;
        for (let index = 0; index < weights.length; index++) {
          sum += old[at]! * weights[index]!;
          at += step;
        }
        out[to + channel] = sum >> PRECISION;
      }
    }
  });
  return new Uint8Array(out.buffer);
}

function multiplyAlpha(pixels: Uint8Array, channels: number): Uint8Array {
  const out = pixels.slice();
  for (let at = 0; at < out.length; at += channels) {
    const alpha = out[at + channels - 1]!;
    for (let channel = 0; channel < channels - 1; channel++) {
      const product = out[at + channel]! * alpha + 128;
      out[at + channel] = ((product >> 8) + product) >> 8; // product / 255, rounded
    }
  }
  return out;
}

function divideAlpha(pixels: Uint8Array, channels: number): Uint8Array {
  const out = pixels.slice();
  for (let at = 0; at < out.length; at += channels) {
    const alpha = out[at + channels - 1]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = 0; channel < channels - 1; channel++) {
      out[at + channel] = Math.min(255, Math.trunc((255 * out[at + channel]!) / alpha));
    }
  }
  return out;
}
