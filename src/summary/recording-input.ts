import { TraceletError } from "../errors.js";
import type { AudioEvent, VideoEvent } from "../events/event.js";
import { type TensorInput, toTensor } from "../media/tensor-input.js";
import { audioLayout, sniffWav } from "../media/wav.js";
import { fileBytes, type ImageInput, pixels } from "./input.js";

/** The sound of an audio call: samples, or a WAV file, which says its rate itself. */
export function audioInput(
  sound: TensorInput | Uint8Array | string,
  sampleRate: number,
  what: string,
): Pick<AudioEvent, "audio" | "sampleRate"> {
  checkPositive(sampleRate, "sampleRate", what);
  const bytes = fileBytes(sound, what);
  if (bytes === undefined) {
    const audio = toTensor(sound as TensorInput, what);
    audioLayout(audio);
    return { audio, sampleRate };
  }
  const header = sniffWav(bytes);
  if (header === undefined) {
    throw new TraceletError("invalid-value", `${what}: these bytes are no WAV file; give samples as numbers`);
  }
  return { audio: { format: "wav", bytes }, sampleRate: header.sampleRate };
}

/** The moving pictures of a video call: pixels, or the bytes or path of a file. */
export function videoInput(
  video: ImageInput,
  layout: string,
  fps: number,
  what: string,
): Pick<VideoEvent, "video" | "fps"> {
  checkPositive(fps, "fps", what);
  const bytes = fileBytes(video, what);
  if (bytes !== undefined) return { video: { format: videoFormat(bytes, what), bytes }, fps };
  return { video: pixels(video as TensorInput, layout, what, "video"), fps };
}

function checkPositive(value: number, name: string, what: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new TraceletError("invalid-value", `${what}: ${name} must be positive, not ${value}`);
}

/** Video files by their first bytes. */
function videoFormat(bytes: Uint8Array, what: string): string {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 4) === "GIF8") return "gif";
  if (ascii(4, 8) === "ftyp") return "mp4";
  if (bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3) return "webm";
  if (ascii(0, 4) === "OggS") return "ogg";
  throw new TraceletError("invalid-value", `${what}: these bytes are no GIF, MP4, WebM or Ogg file`);
}
