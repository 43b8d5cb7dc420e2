import type { AudioEvent } from "../../../src/events/event.js";
import { audioLayout, encodeWav, sniffWav } from "../../../src/media/wav.js";
import { type AudioMessage, DataClass, type ValueMessage } from "../messages.js";

const CONTENT_TYPES: { readonly [format: string]: string } = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  flac: "audio/flac",
  m4a: "audio/mp4",
};
/** AudioPluginData `encoding: WAV, converted_to_tensor: true`. */
const WAV_CONTENT = Uint8Array.of(0x10, 11, 0x18, 1);
/** AudioPluginData `converted_to_tensor: true`, the encoding unknown. */
const OTHER_CONTENT = Uint8Array.of(0x18, 1);

function audioMessage({ audio, sampleRate }: AudioEvent): AudioMessage {
  if (!("bytes" in audio)) {
    const { samples, frames, channels } = audioLayout(audio);
    const encodedAudioString = encodeWav(samples, frames, channels, sampleRate);
    const [numChannels, lengthFrames] = [channels, frames];
    return { sampleRate, numChannels, lengthFrames, encodedAudioString, contentType: "audio/wav" };
  }
  const { bytes: encodedAudioString, format } = audio;
  const wav = sniffWav(encodedAudioString);
  if (wav === undefined) {
    const contentType = CONTENT_TYPES[format] ?? `audio/${format}`;
    return { sampleRate, encodedAudioString, contentType };
  }
  const { channels: numChannels, frames: lengthFrames } = wav;
  return {
    sampleRate: wav.sampleRate,
    numChannels,
    lengthFrames,
    encodedAudioString,
    contentType: "audio/wav",
  };
}

/**
 * Sound (`add_audio`). The metadata, which torch does not write, makes TensorBoard's default reader serve it as
 * `audio/wav` too; with the older reader nothing changes.
 */
export function audioValue(event: AudioEvent): ValueMessage {
  const audio = audioMessage(event);
  const content = audio.contentType === "audio/wav" ? WAV_CONTENT : OTHER_CONTENT;
  return {
    tag: event.tag,
    audio,
    metadata: {
      pluginData: { pluginName: "audio", content },
      displayName: event.tag,
      dataClass: DataClass.blobSequence,
    },
  };
}
