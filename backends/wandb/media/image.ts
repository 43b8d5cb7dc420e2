import { closeSync, openSync, readSync } from "node:fs";
import { sniffImage } from "../../../src/media/image-file.js";
import { type TensorInput, toTensor } from "../../../src/media/tensor-input.js";
import { imageColumnType } from "./column-type.js";
import { type Boxes, boxesSpec, type ClassLabels, type Mask, maskSpec } from "./image-overlays.js";
import { Media } from "./media.js";
import {
  extensionOf,
  MEDIA,
  type MediaSpec,
  mediaError,
  nextMediaId,
  type PixelSource,
} from "./media-spec.js";

/** Bytes of a picture file that are enough to read its size, mostly; a JPEG with long metadata is read in whole. */
const HEADER_BYTES = 64 * 1024;

/** Shape of the pixels of an `Image`, and what is drawn over it. */
export interface ImageOptions {
  /** Pixels a row, for flat pixel data. */
  width?: number;
  /** Rows, for flat pixel data. */
  height?: number;
  /** 1 gray, 3 RGB, 4 RGBA; default: what the data's length or shape says. */
  channels?: 1 | 3 | 4;
  caption?: string;
  /** Number of the group the image belongs to. */
  grouping?: number;
  /** Boxes by the name of their set, e.g. `predictions`. */
  boxes?: { readonly [name: string]: Boxes };
  /** Masks by name. */
  masks?: { readonly [name: string]: Mask };
  /** Names of all classes; needed for images with boxes or masks in tables only where these have no labels. */
  classes?: readonly { readonly id: number; readonly name: string }[];
}

/**
 * A picture: a file's path, a file's bytes, or pixels. Pixels are values from 0 to 255 in rows of `channels` values a
 * pixel: nested arrays, a tensor of shape [height, width] or [height, width, channels], or flat with `width` and `height`.
 *
 * @example
 * ```ts
 * run.log({ digit: new wandb.Image(pixels, { width: 28, height: 28, caption: "7" }) });
 * run.log({ photos: [new wandb.Image("cat.jpg"), new wandb.Image("dog.jpg")] });
 * ```
 */
export class Image extends Media {
  readonly spec: MediaSpec;
  readonly columnType;

  /** Throws `invalid-value` for data that are no picture, and boxes or masks outside the rules. */
  constructor(data: string | Image | TensorInput, options: ImageOptions = {}) {
    super();
    const { source, format, width, height } =
      data instanceof Image
        ? fromImage(data)
        : typeof data === "string"
          ? fromFile(data)
          : fromValues(data, options);
    const caption = options.caption ?? (data instanceof Image ? data.spec.caption : undefined);
    const grouping = options.grouping ?? (data instanceof Image ? data.spec.members["grouping"] : undefined);
    const boxes = mapValues(options.boxes, (boxes, name) => boxesSpec(boxes, name));
    const masks = mapValues(options.masks, (mask, name) => maskSpec(mask, name, width, height));
    const classes = classesOf(options, [...Object.values(boxes), ...Object.values(masks)]);
    this.spec = {
      [MEDIA]: "image",
      id: nextMediaId(),
      source,
      extension: `.${format}`,
      ...(caption === undefined ? {} : { caption }),
      members: { format, width, height, ...(grouping ? { grouping } : {}) },
      ...(options.boxes === undefined ? {} : { boxes }),
      ...(options.masks === undefined ? {} : { masks }),
      ...(classes.length === 0 ? {} : { classes }),
    };
    this.columnType = imageColumnType(this.spec);
  }
}

interface Picture {
  readonly source: MediaSpec["source"];
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

function fromImage(image: Image): Picture {
  const { format, width, height } = image.spec.members as { format: string; width: number; height: number };
  return { source: image.spec.source, format, width, height };
}

function fromFile(path: string): Picture {
  if (/^(gs|s3|https?):\/\//.test(path)) {
    throw mediaError(
      `Image: "${path}" is an address. Only files here can be logged; add addresses to an artifact.`,
    );
  }
  let header = readStart(path, HEADER_BYTES);
  let found = sniffImage(header);
  if (found === undefined && header.length === HEADER_BYTES) {
    header = readStart(path, Number.POSITIVE_INFINITY);
    found = sniffImage(header);
  }
  if (found === undefined) throw mediaError(`Image: "${path}" is no PNG, JPEG, GIF, BMP or WebP picture.`);
  return {
    source: { file: path },
    format: extensionOf(path) || found.format,
    width: found.width,
    height: found.height,
  };
}

function readStart(path: string, limit: number): Uint8Array {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (cause) {
    throw mediaError(`Image: "${path}" cannot be read: ${(cause as Error).message}`, cause);
  }
  try {
    const parts: Buffer[] = [];
    for (let left = limit; left > 0; ) {
      const part = Buffer.alloc(Math.min(left, 1024 * 1024));
      const count = readSync(file, part, 0, part.length, null);
      if (count === 0) break;
      parts.push(part.subarray(0, count));
      left -= count;
    }
    return Buffer.concat(parts);
  } finally {
    closeSync(file);
  }
}

function fromValues(data: TensorInput, options: ImageOptions): Picture {
  if (data instanceof Uint8Array && options.width === undefined && options.height === undefined) {
    const found = sniffImage(data);
    if (found === undefined) {
      throw mediaError(
        "Image: these bytes are no PNG, JPEG, GIF, BMP or WebP file; for pixels give width and height.",
      );
    }
    const format = found.format === "jpeg" ? "jpg" : found.format;
    return { source: { bytes: data.slice() }, format, width: found.width, height: found.height };
  }
  const source = pixelsOf(data, options);
  return { source, format: "png", width: source.width, height: source.height };
}

function pixelsOf(input: TensorInput, options: ImageOptions): PixelSource {
  const { shape, data } = toTensor(input, "Image");
  const sides =
    shape.length === 1 ? [] : shape.filter((length, axis) => axis < 2 || length !== 1 || shape.length === 3);
  const height = options.height ?? sides[0];
  const width = options.width ?? sides[1];
  if (width === undefined || height === undefined) {
    throw mediaError(`Image: pixels of shape [${shape}] need width and height.`);
  }
  const channels = options.channels ?? sides[2] ?? data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) {
    throw mediaError(
      `Image: a pixel has 1, 3 or 4 values (gray, RGB, RGBA); ${data.length} values make ${channels} at ${width}x${height}.`,
    );
  }
  if (width * height * channels !== data.length) {
    throw mediaError(
      `Image: ${width}x${height} pixels of ${channels} values are ${width * height * channels}, got ${data.length}.`,
    );
  }
  if (data instanceof Uint8Array || data instanceof Uint8ClampedArray) {
    return { pixels: new Uint8Array(data), width, height, channels };
  }
  // Fractions are cut and the rest is taken modulo 256, as numpy converts to bytes: values are meant to be 0..255.
  const pixels = Uint8Array.from(data as Iterable<number | bigint>, Number);
  return { pixels, width, height, channels };
}

function mapValues<In, Out>(
  values: { readonly [name: string]: In } | undefined,
  map: (value: In, name: string) => Out,
): { [name: string]: Out } {
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, map(value, name)]));
}

/** Classes of boxes and masks, overwritten by those given for the image. */
function classesOf(
  options: ImageOptions,
  overlays: readonly { readonly classLabels?: ClassLabels | { readonly [id: string]: string } }[],
): { id: number; name: string }[] {
  const names = new Map<number, string>();
  for (const { classLabels } of overlays) {
    for (const [id, name] of Object.entries(classLabels ?? {})) names.set(Number(id), name);
  }
  for (const { id, name } of options.classes ?? []) names.set(id, name);
  return [...names].map(([id, name]) => ({ id, name }));
}
