import type { NumericArray, Tensor } from "../events/tensor.js";
import { copyNumeric } from "./numeric-copy.js";
import { invalid } from "./wrong-value.js";

const HEADER = 44;

/** Samples in the order of a WAV file: all channels of a frame side by side. */
export interface AudioSamples {
  readonly samples: NumericArray;
  readonly frames: number;
  readonly channels: number;
}

/**
 * Encodes samples as a 16-bit PCM WAV file with torch's quantisation: values are clipped to [-1, 1], multiplied by
 * 32767 in the precision of their type and truncated (0.5 becomes 16383); NaN becomes silence. 16-bit samples are what the
 * file holds, and stay as they are (torch clips them to -1 and 1, which leaves noise).
 *
 * @param samples Interleaved, `frames * channels` values in -1..1, or an Int16Array.
 * @param sampleRate Frames a second; rounded to a whole number, as the format asks.
 * @throws TraceletError `invalid-value` when the sizes do not agree, the rate is not positive, or the file would pass
 * 4 GiB.
 * @example
 * ```ts
 * encodeWav(Float32Array.of(0, 0.5, -0.5), 3, 1, 16000);
 * ```
 */
export function encodeWav(
  samples: NumericArray,
  frames: number,
  channels: number,
  sampleRate: number,
): Uint8Array {
  const rate = Math.round(sampleRate);
  const size = frames * channels * 2;
  if (samples.length !== frames * channels || !(channels > 0 && channels < 65536)) {
    throw invalid(`${frames} frames of ${channels} channels do not match ${samples.length} audio samples`);
  }
  if (!(rate > 0 && rate * channels * 2 < 2 ** 32)) {
    throw invalid(`the sample rate ${sampleRate} cannot be stored; pass samples per second, e.g. 44100`);
  }
  if (size > 2 ** 32 - 1 - HEADER) throw invalid(`audio of ${size} bytes is beyond the 4 GiB of a WAV file`);

  const out = new Uint8Array(HEADER + size);
  const view = new DataView(out.buffer);
  writeText(out, 0, "RIFF");
  view.setUint32(4, HEADER - 8 + size, true);
  writeText(out, 8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * channels * 2, true);
  view.setUint16(32, channels * 2, true);
  view.setUint16(34, 16, true);
  writeText(out, 36, "data");
  view.setUint32(40, size, true);

  const single = samples instanceof Float32Array;
  if (samples instanceof Int16Array) {
    for (let index = 0; index < samples.length; index++)
      view.setInt16(HEADER + index * 2, samples[index]!, true);
    return out;
  }
  for (let index = 0; index < samples.length; index++) {
    const value = Number(samples[index]);
    const scaled = Math.min(1, Math.max(-1, value)) * 32767;
    // setInt16 truncates towards zero and takes NaN as 0.
    view.setInt16(HEADER + index * 2, single ? Math.fround(scaled) : scaled, true);
  }
  return out;
}

/**
 * Reads the shape of a sound. Accepted (with more than two axes, those of length 1 are dropped first):
 *
 * - `[frames]`, `[1, frames]`, `[frames, 1]`: mono
 * - `[frames, 2]`: stereo, interleaved
 * - `[2, frames]` with more than 2 frames: stereo, one row a channel; it cannot mean anything else, because sound of
 *   two frames with that many channels is not accepted. `[2, 2]` is two frames of stereo, `[1, 2]` two frames of
 *   mono (torch's `[1, frames]`).
 *
 * @throws TraceletError `invalid-value` for any other shape and for empty sound.
 * @example
 * ```ts
 * audioLayout({ shape: [1, 16000], data: samples }); // { samples, frames: 16000, channels: 1 }
 * ```
 */
export function audioLayout(tensor: Tensor): AudioSamples {
  const { data } = tensor;
  const shape = tensor.shape.length > 2 ? tensor.shape.filter((length) => length !== 1) : tensor.shape;
  const [rows = 1, columns = 1] = shape;
  const size = rows * columns;
  if (size === 0) throw invalid("the sound is empty; log at least one sample");
  if (shape.length <= 2 && size === data.length) {
    if (rows === 1 || columns === 1) return { samples: data, frames: size, channels: 1 };
    if (columns === 2) return { samples: data, frames: rows, channels: 2 };
    if (rows === 2) return { samples: interleave(data, columns), frames: columns, channels: 2 };
  }
  throw invalid(
    `audio of shape [${tensor.shape.join(", ")}] is not understood; ` +
      "pass [frames], [1, frames], [frames, 2] or [2, frames]",
  );
}

/** What the header of a WAV file says. */
export interface WavHeader {
  /** Frames a second. */
  readonly sampleRate: number;
  readonly channels: number;
  /** Frames that are really there: a header that claims more than the bytes hold is cut down. */
  readonly frames: number;
}

/**
 * Recognises a WAV file and reads its header; the samples are not touched.
 *
 * @returns undefined when the bytes are no WAV file or its format or data chunk is missing.
 * @example
 * ```ts
 * sniffWav(readFileSync("speech.wav")); // { sampleRate: 16000, channels: 1, frames: 48000 }
 * ```
 */
export function sniffWav(bytes: Uint8Array): WavHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || readText(bytes, 0) !== "RIFF" || readText(bytes, 8) !== "WAVE") return undefined;
  let format: { channels: number; sampleRate: number; frameSize: number } | undefined;
  for (let position = 12; position + 8 <= bytes.length; ) {
    const name = readText(bytes, position);
    const size = view.getUint32(position + 4, true);
    const start = position + 8;
    if (name === "fmt " && size >= 16 && start + 16 <= bytes.length) {
      const channels = view.getUint16(start + 2, true);
      const sampleRate = view.getUint32(start + 4, true);
      const frameSize = view.getUint16(start + 12, true);
      if (channels === 0 || sampleRate === 0 || frameSize === 0) return undefined;
      format = { channels, sampleRate, frameSize };
    } else if (name === "data") {
      if (format === undefined) return undefined;
      const { channels, sampleRate, frameSize } = format;
      return { sampleRate, channels, frames: Math.floor(Math.min(size, bytes.length - start) / frameSize) };
    }
    position = start + size + (size & 1); // chunks begin at even positions
  }
  return undefined;
}

function interleave(data: NumericArray, frames: number): NumericArray {
  const out = copyNumeric(data, data.length) as Float64Array;
  const source = data as Float64Array;
  for (let frame = 0; frame < frames; frame++) {
    out[2 * frame] = source[frame]!;
    out[2 * frame + 1] = source[frames + frame]!;
  }
  return out;
}

function writeText(out: Uint8Array, position: number, text: string): void {
  for (let index = 0; index < text.length; index++) out[position + index] = text.charCodeAt(index);
}

function readText(bytes: Uint8Array, position: number): string {
  return String.fromCharCode(...bytes.subarray(position, position + 4));
}
