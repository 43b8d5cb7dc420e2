import { statSync } from "node:fs";
import type { NumericArray } from "../../../src/events/tensor.js";
import { type TensorInput, toTensor } from "../../../src/media/tensor-input.js";
import { audioLayout } from "../../../src/media/wav.js";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { extensionOf, MEDIA, type MediaSpec, mediaError, nextMediaId } from "./media-spec.js";

/** What `Audio` has to know of its samples. */
export interface AudioOptions {
  /** Samples a second; needed for samples. */
  sampleRate?: number;
  caption?: string;
}

/**
 * Sound: a file's path, or samples in -1..1 of shape [frames] or [frames, channels].
 *
 * @example
 * ```ts
 * run.log({ speech: new wandb.Audio(samples, { sampleRate: 16000, caption: "hello" }) });
 * ```
 */
export class Audio extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "audio-file" };

  constructor(data: string | TensorInput, options: AudioOptions = {}) {
    super();
    const { sampleRate, caption } = options;
    const common = {
      [MEDIA]: "audio" as const,
      id: nextMediaId(),
      members: {},
      ...(caption === undefined ? {} : { caption }),
      ...(sampleRate === undefined ? {} : { sampleRate }),
    };
    if (typeof data === "string") {
      checkFile(data, "Audio");
      const extension = extensionOf(data);
      this.spec = { ...common, source: { file: data }, extension: extension === "" ? "" : `.${extension}` };
      return;
    }
    if (sampleRate === undefined)
      throw mediaError("Audio: samples need { sampleRate }, in samples a second.");
    const { samples, frames, channels } = audioLayout(toTensor(data, "Audio"));
    this.spec = {
      ...common,
      source: { samples: toInt16(samples), frames, channels, sampleRate },
      extension: ".wav",
      duration: frames / sampleRate,
    };
  }
}

/**
 * Samples as 16-bit numbers, as libsndfile makes them for the official client: 16-bit samples stay, longer ones lose
 * their low bits, fractions are scaled to 32 bits first, clipped and cut. NaN is silence.
 */
function toInt16(samples: NumericArray): Int16Array {
  if (samples instanceof Int16Array) return samples.slice();
  if (samples instanceof Int32Array) return Int16Array.from(samples, (sample) => sample >> 16);
  if (!(samples instanceof Float32Array || samples instanceof Float64Array)) {
    throw mediaError(
      `Audio: samples are fractions in -1..1 or 16- or 32-bit integers, got ${samples.constructor.name}.`,
    );
  }
  const scale = samples instanceof Float32Array ? 2 ** 31 : 2 ** 31 - 1;
  const result = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const scaled = samples[i]! * scale;
    if (scaled >= 2 ** 31 - 1) result[i] = 32767;
    else if (scaled <= -(2 ** 31)) result[i] = -32768;
    else result[i] = Math.round(scaled) >> 16;
  }
  return result;
}

/** Throws `invalid-value` when there is no such file. */
export function checkFile(path: string, what: string): void {
  if (/^(gs|s3|https?):\/\//.test(path)) {
    throw mediaError(
      `${what}: "${path}" is an address. Only files here can be logged; add addresses to an artifact.`,
    );
  }
  if (!(statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)) {
    throw mediaError(`${what}: "${path}" is not a file that can be read.`);
  }
}
