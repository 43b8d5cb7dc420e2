import { TraceletError } from "../../../src/errors.js";
import type { FileValue } from "../values/file-json.js";

/** Marks the plain form of a media object inside logged data; no key of a script starts with a zero character. */
export const MEDIA = "\0media";

/** The bytes of a media file. `temporary` files belong to the logger and may be moved. */
export type FileSource =
  | { readonly file: string; readonly temporary?: boolean }
  | { readonly bytes: Uint8Array }
  | { readonly text: string };

/** Pixels that are still to be encoded as PNG. */
export interface PixelSource {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
}

/** Samples that are still to become a WAV file. */
export interface SampleSource {
  readonly samples: Int16Array;
  readonly frames: number;
  readonly channels: number;
  readonly sampleRate: number;
}

/** RGB frames that are still to be encoded as GIF. */
export interface FrameSource {
  readonly frames: readonly Uint8Array[];
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly fps: number;
}

/** The kinds of media, with where their files stand and what rows call them, one and several. */
export const MEDIA_KINDS = {
  image: { folder: "media/images", type: "image-file" },
  audio: { folder: "media/audio", type: "audio-file" },
  video: { folder: "media/videos", type: "video-file" },
  html: { folder: "media/html", type: "html-file" },
  object3D: { folder: "media/object3D", type: "object3D-file" },
  molecule: { folder: "media/molecule", type: "molecule-file" },
  plotly: { folder: "media/plotly", type: "plotly-file" },
} as const;

export type MediaKind = keyof typeof MEDIA_KINDS;

/** One mask over an image: a file in which a pixel's value is its class. */
export interface MaskSpec {
  readonly source: FileSource | PixelSource;
  readonly extension: string;
  /** Class names by id; absent for a file without them. */
  readonly classLabels?: { readonly [id: string]: string };
}

/** One set of boxes over an image: the content of its file. */
export interface BoxesSpec {
  readonly content: { readonly [key: string]: FileValue };
  readonly classLabels: { readonly [id: string]: string };
}

/** A media object as plain data, so that it can travel to the logging worker, which makes the file. */
export interface MediaSpec {
  readonly [MEDIA]: MediaKind;
  /** Unique for the object: logged again, it refers to the same file. */
  readonly id: number;
  readonly source: FileSource | PixelSource | SampleSource | FrameSource;
  /** Ending of the file's name, with its dot. */
  readonly extension: string;
  readonly caption?: string;
  /** Further members of the row's value. */
  readonly members: { readonly [key: string]: FileValue };
  readonly boxes?: { readonly [name: string]: BoxesSpec };
  readonly masks?: { readonly [name: string]: MaskSpec };
  /** Names of classes, for images in tables. */
  readonly classes?: readonly { readonly id: number; readonly name: string }[];
  /** For lists of sounds. */
  readonly sampleRate?: number;
  /** Seconds, for lists of sounds. */
  readonly duration?: number;
}

let lastId = 0;

/** A number that no other media object of this process has. */
export function nextMediaId(): number {
  lastId += 1;
  return lastId;
}

/** Whether a value is the plain form of a media object. */
export function isMediaSpec(value: unknown): value is MediaSpec {
  return (
    typeof value === "object" && value !== null && typeof (value as { [MEDIA]?: unknown })[MEDIA] === "string"
  );
}

/** The error of a media object that cannot be made. */
export function mediaError(rule: string, cause?: unknown): TraceletError {
  return new TraceletError("invalid-value", rule, { backend: "wandb", cause });
}

/** Ending of a path in lower case without its dot. */
export function extensionOf(path: string): string {
  return /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}
