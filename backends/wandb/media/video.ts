import { type TensorInput, toTensor } from "../../../src/media/tensor-input.js";
import { tileVideo } from "../../../src/media/video-tiles.js";
import { checkFile } from "./audio.js";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { extensionOf, MEDIA, type MediaSpec, mediaError, nextMediaId } from "./media-spec.js";

const FORMATS = ["gif", "mp4", "webm", "ogg"] as const;
/** File formats of videos. */
export type VideoFormat = (typeof FORMATS)[number];

/** What `Video` has to know of its content. */
export interface VideoOptions {
  caption?: string;
  /** Frames a second, for pixels; default 4. */
  fps?: number;
  /** Kind of file, needed for a file's bytes. Pixels are always encoded as GIF. */
  format?: VideoFormat;
}

/**
 * Moving pictures: a file's path, a file's bytes with `format`, or pixels from 0 to 255 of shape
 * [time, channels, height, width], with several videos [batch, time, channels, height, width].
 *
 * @example
 * ```ts
 * run.log({ episode: new wandb.Video("episode.mp4", { caption: "best" }) });
 * ```
 */
export class Video extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "video-file" };

  constructor(data: string | TensorInput, options: VideoOptions = {}) {
    super();
    const { caption, fps = 4, format } = options;
    const common = {
      [MEDIA]: "video" as const,
      id: nextMediaId(),
      ...(caption === undefined ? {} : { caption }),
    };
    if (format !== undefined && !FORMATS.includes(format)) {
      throw mediaError(`Video: format is one of ${FORMATS.join(", ")}, got "${format}".`);
    }
    if (typeof data === "string") {
      const extension = extensionOf(data);
      if (!(FORMATS as readonly string[]).includes(extension)) {
        throw mediaError(`Video: "${data}" ends in none of ${FORMATS.join(", ")}.`);
      }
      checkFile(data, "Video");
      this.spec = { ...common, source: { file: data }, extension: `.${extension}`, members: {} };
      return;
    }
    if (data instanceof Uint8Array && format !== undefined) {
      this.spec = { ...common, source: { bytes: data.slice() }, extension: `.${format}`, members: {} };
      return;
    }
    if (format !== undefined && format !== "gif") {
      throw mediaError(
        `Video: pixels can only be encoded as gif, not ${format}; encode them first and give the file.`,
      );
    }
    const { shape, data: values } = toTensor(data, "Video");
    const layout = shape.length === 4 ? "TCHW" : shape.length === 5 ? "NTCHW" : undefined;
    if (layout === undefined) {
      throw mediaError(`Video: pixels have shape [time, channels, height, width], got [${shape}].`);
    }
    const bytes =
      values instanceof Uint8Array ? values : Uint8Array.from(values as Iterable<number | bigint>, Number);
    const { frames, width, height } = tileVideo({ tensor: { shape, data: bytes }, layout });
    this.spec = {
      ...common,
      source: { frames, width, height, fps },
      extension: ".gif",
      members: { width, height },
    };
  }
}
