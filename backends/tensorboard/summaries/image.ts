import type { EncodedMedia, ImageEvent, PixelTensor, VideoEvent } from "../../../src/events/event.js";
import { drawBoxes } from "../../../src/media/boxes.js";
import { encodeGif } from "../../../src/media/gif.js";
import { sniffImage } from "../../../src/media/image-file.js";
import { toPixels } from "../../../src/media/image-pixels.js";
import { encodePng } from "../../../src/media/png.js";
import { rescale } from "../../../src/media/resize.js";
import { tileVideo } from "../../../src/media/video-tiles.js";
import { DataClass, type MetadataMessage, type ValueMessage } from "../messages.js";

/** What browsers get from TensorBoard as an image; it serves other formats as unknown bytes. */
const SHOWN_FORMATS = new Set(["png", "jpeg", "gif", "bmp"]);
/** ImagePluginData `converted_to_tensor: true`, which TensorBoard gives every image of the older style. */
const IMAGES_CONTENT = Uint8Array.of(0x10, 1);

/**
 * A caption as the tag's description (of which TensorBoard keeps the first). The data class makes both of its readers
 * keep it.
 */
function captionMetadata(tag: string, caption: string | undefined): { metadata?: MetadataMessage } {
  if (caption === undefined) return {};
  const pluginData = { pluginName: "images", content: IMAGES_CONTENT };
  return {
    metadata: {
      pluginData,
      displayName: tag,
      summaryDescription: caption,
      dataClass: DataClass.blobSequence,
    },
  };
}

/** A picture file as it is, with its size read from its header; undefined when TensorBoard cannot show its format. */
export function imageFileValue(
  tag: string,
  { bytes }: EncodedMedia,
  caption?: string,
): ValueMessage | undefined {
  const header = sniffImage(bytes);
  if (header === undefined || !SHOWN_FORMATS.has(header.format)) return undefined;
  const { width, height, channels } = header;
  const image = { height, width, colorspace: channels, encodedImageString: bytes };
  return { tag, image, ...captionMetadata(tag, caption) };
}

/**
 * One image or a grid as PNG (`add_image`, `add_images`, `add_image_with_boxes`); the message's size is the one before
 * `rescale`, as torch writes it. Undefined when the event holds a file that TensorBoard cannot show.
 */
export function imageValue(event: ImageEvent, image: PixelTensor): ValueMessage {
  const { tag, boxes, rescale: factor = 1, caption } = event;
  const plain = toPixels(image);
  const { width, height, channels } = plain;
  const drawn = boxes === undefined ? plain : drawBoxes(plain, boxes.corners, boxes.labels);
  const stored = factor === 1 ? drawn : rescale(drawn, factor);
  const encodedImageString = encodePng(stored.pixels, stored.width, stored.height, channels);
  const message = { height, width, colorspace: channels, encodedImageString };
  return { tag, image: message, ...captionMetadata(tag, caption) };
}

/** Moving pictures as an animated GIF (`add_video`). */
export function videoValue({ tag, fps }: VideoEvent, video: PixelTensor): ValueMessage {
  const { frames, width, height, channels } = tileVideo(video);
  const encodedImageString = encodeGif(frames, width, height, 1 / fps);
  return { tag, image: { height, width, colorspace: channels, encodedImageString } };
}
