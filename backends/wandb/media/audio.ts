import { statSync } from "node:fs";
import { type TensorInput, toTensor } from "#src/media/tensor-input.js";
import { audioLayout } from "#src/media/wav.js";
import type { ColumnType } from "./column-type.js";
import { extensionOf, MEDIA, Media, type MediaSpec, mediaError, nextMediaId } from "./media.js";

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
    const numbers =
      samples instanceof Float32Array || samples instanceof Float64Array
        ? samples
        : Float64Array.from(samples, Number);
    this.spec = {
      ...common,
      source: { samples: numbers, frames, channels, sampleRate },
      extension: ".wav",
      duration: frames / sampleRate,
    };
  }
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
