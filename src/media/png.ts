import { constants, crc32, deflateSync } from "node:zlib";
import { invalid } from "./wrong-value.js";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
/** PNG colour type by channel count: gray, gray+alpha, RGB, RGBA. */
const COLOR_TYPE = [0, 4, 2, 6] as const;
/** Row filter "up": the difference to the pixel above. */
const FILTER_UP = 2;
/** Filtered bytes tried to choose how to compress the rest. */
const SAMPLE = 32 * 1024;

/**
 * Encodes 8-bit pixels as a PNG file.
 *
 * Settings were chosen by measurement on 512x512 RGB: every row filtered "up" and zlib level 3 take 3 ms for smooth
 * pictures and files within a factor of 2.5 of level 6; where a sample shows that string matching gains nothing
 * (photographs, noise), run-length matching makes files of the same size in 6 ms instead of 16.
 *
 * @param pixels Row-major, `channels` bytes a pixel: gray, gray+alpha, RGB or RGBA.
 * @throws TraceletError `invalid-value` for an empty picture or when `pixels` has another length than
 * `width * height * channels`.
 * @example
 * ```ts
 * encodePng(new Uint8Array(2 * 2 * 3), 2, 2, 3); // a black 2x2 picture
 * ```
 */
export function encodePng(
  pixels: Uint8Array,
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
): Uint8Array {
  if (!isSide(width) || !isSide(height) || pixels.length !== width * height * channels) {
    throw invalid(
      `a PNG of ${width}x${height} with ${channels} channels needs ${width * height * channels} bytes ` +
        `and sides from 1 up; got ${pixels.length} bytes`,
    );
  }
  const stride = width * channels;
  const filtered = filterUp(pixels, stride, height);
  const data = deflateSync(filtered, { level: 3, memLevel: 9, strategy: chooseStrategy(filtered) });

  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8; // bits a sample
  header[9] = COLOR_TYPE[channels - 1]!;

  const out = new Uint8Array(SIGNATURE.length + 3 * 12 + header.length + data.length);
  out.set(SIGNATURE);
  let position = writeChunk(out, SIGNATURE.length, "IHDR", header);
  position = writeChunk(out, position, "IDAT", data);
  writeChunk(out, position, "IEND", new Uint8Array(0));
  return out;
}

/** The format stores sides in 31 bits. */
function isSide(length: number): boolean {
  return Number.isInteger(length) && length > 0 && length < 2 ** 31;
}

function filterUp(pixels: Uint8Array, stride: number, height: number): Uint8Array {
  const out = new Uint8Array(height * (stride + 1));
  out[0] = FILTER_UP;
  out.set(pixels.subarray(0, stride), 1); // the row above the first counts as zeros
  for (let y = 1; y < height; y++) {
    const from = y * stride;
    const to = y * (stride + 1);
    out[to] = FILTER_UP;
    for (let x = 0; x < stride; x++) out[to + 1 + x] = pixels[from + x]! - pixels[from + x - stride]!;
  }
  return out;
}

function chooseStrategy(filtered: Uint8Array): number {
  if (filtered.length < 4 * SAMPLE) return constants.Z_DEFAULT_STRATEGY;
  const middle = (filtered.length - SAMPLE) >> 1;
  const sample = filtered.subarray(middle, middle + SAMPLE);
  const matched = deflateSync(sample, { level: 3 }).length;
  const runs = deflateSync(sample, { level: 3, strategy: constants.Z_RLE }).length;
  return runs <= matched * 1.02 ? constants.Z_RLE : constants.Z_DEFAULT_STRATEGY;
}

function writeChunk(out: Uint8Array, position: number, type: string, data: Uint8Array): number {
  const view = new DataView(out.buffer);
  view.setUint32(position, data.length);
  for (let index = 0; index < 4; index++) out[position + 4 + index] = type.charCodeAt(index);
  out.set(data, position + 8);
  const end = position + 8 + data.length;
  view.setUint32(end, crc32(out.subarray(position + 4, end)));
  return end + 4;
}
