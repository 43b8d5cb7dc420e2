import { compressLzw } from "./lzw.js";
import { indexColors } from "./palette.js";
import { invalid } from "./wrong-value.js";

/** Viewers show frames of one hundredth of a second at a tenth instead, so this is the shortest delay that holds. */
const MIN_DELAY = 2;
const MAX_DELAY = 0xffff;

/**
 * Encodes an animated GIF that repeats for ever. Each frame has its own palette: exact up to 256 colours, the nearest
 * of 256 chosen colours beyond. The format counts time in hundredths of a second: delays are rounded so that the
 * whole keeps its length (30 frames a second become delays of 3, 4, 3 ...), and never fall below 0.02 seconds.
 *
 * @param frames Row-major RGB pictures, each `width * height * 3` bytes.
 * @param delaySeconds How long each frame is shown, in seconds (1 / fps).
 * @throws TraceletError `invalid-value` without frames, for a side outside 1..65535, a frame of another length, or a
 * delay that is not positive.
 * @example
 * ```ts
 * encodeGif([red, green, blue], 64, 64, 0.25);
 * ```
 */
export function encodeGif(
  frames: readonly Uint8Array[],
  width: number,
  height: number,
  delaySeconds: number,
): Uint8Array {
  if (!isSide(width) || !isSide(height)) {
    throw invalid(`a GIF has sides of 1 to 65535 pixels; got ${width}x${height}, make the video smaller`);
  }
  if (!(delaySeconds > 0)) throw invalid(`a frame must be shown for some time; got ${delaySeconds} seconds`);
  if (frames.length === 0) throw invalid("a GIF needs at least one frame");

  const parts: Uint8Array[] = [screen(width, height)];
  let shown = 0;
  frames.forEach((frame, index) => {
    if (frame.length !== width * height * 3) {
      throw invalid(
        `frame ${index} has ${frame.length} bytes; ${width}x${height} RGB needs ${width * height * 3}`,
      );
    }
    const due = Math.round((index + 1) * delaySeconds * 100);
    const delay = Math.min(MAX_DELAY, Math.max(MIN_DELAY, due - shown));
    shown += delay;
    const { indices, palette } = indexColors(frame);
    // A colour table has 2^n entries with n from 1 up; LZW codes start at 2 bits.
    const depth = Math.max(1, Math.ceil(Math.log2(palette.length / 3)));
    parts.push(frameHeader(width, height, delay, depth));
    const table = new Uint8Array(3 << depth);
    table.set(palette);
    parts.push(table, compressLzw(indices, Math.max(2, depth)));
  });
  parts.push(Uint8Array.of(0x3b)); // trailer
  return join(parts);
}

function isSide(length: number): boolean {
  return Number.isInteger(length) && length > 0 && length <= 0xffff;
}

/** Signature, logical screen without a global colour table, and the block that asks for endless repetition. */
function screen(width: number, height: number): Uint8Array {
  const out = new Uint8Array(13 + 19);
  const view = new DataView(out.buffer);
  writeText(out, 0, "GIF89a");
  view.setUint16(6, width, true);
  view.setUint16(8, height, true);
  out[10] = 0x70; // 8 bits a primary colour
  out[13] = 0x21;
  out[14] = 0xff;
  out[15] = 11;
  writeText(out, 16, "NETSCAPE2.0");
  out[27] = 3;
  out[28] = 1; // then the number of repetitions, 0 for endless, and the empty block
  return out;
}

/** Graphic control extension with the delay, and the image descriptor that announces a local colour table. */
function frameHeader(width: number, height: number, delay: number, depth: number): Uint8Array {
  const out = new Uint8Array(8 + 10);
  const view = new DataView(out.buffer);
  out[0] = 0x21;
  out[1] = 0xf9;
  out[2] = 4;
  out[3] = 1 << 2; // leave the frame in place
  view.setUint16(4, delay, true);
  out[8] = 0x2c;
  view.setUint16(13, width, true);
  view.setUint16(15, height, true);
  out[17] = 0x80 | (depth - 1);
  return out;
}

function writeText(out: Uint8Array, position: number, text: string): void {
  for (let index = 0; index < text.length; index++) out[position + index] = text.charCodeAt(index);
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let position = 0;
  for (const part of parts) {
    out.set(part, position);
    position += part.length;
  }
  return out;
}
