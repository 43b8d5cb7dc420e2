import { type TensorInput, toTensor } from "../../../src/media/tensor-input.js";
import type { FileValue } from "../values/file-json.js";
import { normalizeValue } from "../values/normalize.js";
import { type BoxesSpec, extensionOf, type MaskSpec, mediaError } from "./media-spec.js";

/** Names of classes by their number. */
export type ClassLabels = { readonly [classId: number]: string };

/** Where a box is: by its edges, or by its middle and size. */
export type BoxPosition =
  | { readonly minX: number; readonly maxX: number; readonly minY: number; readonly maxY: number }
  | { readonly middle: readonly [x: number, y: number]; readonly width: number; readonly height: number };

/** One box. Positions are parts of the image's sides (0..1) unless `domain` is `pixel`. */
export interface Box {
  readonly position: BoxPosition;
  readonly classId?: number;
  readonly scores?: { readonly [name: string]: number };
  readonly boxCaption?: string;
  readonly domain?: "pixel";
}

/** Boxes over an image, with the names of their classes. */
export interface Boxes {
  readonly boxData: readonly Box[];
  /** Default: `class_<id>`. */
  readonly classLabels?: ClassLabels;
}

/** A class for each pixel: a picture file, or numbers 0..255, nested or flat with the image's size. */
export type Mask =
  | { readonly path: string; readonly classLabels?: ClassLabels }
  | { readonly maskData: TensorInput; readonly classLabels?: ClassLabels };

const BOX_KEYS: { readonly [key: string]: string } = {
  position: "position",
  classId: "class_id",
  scores: "scores",
  boxCaption: "box_caption",
  domain: "domain",
};

/** Checks boxes and gives the content of their file, in the official names. */
export function boxesSpec(boxes: Boxes, name: string): BoxesSpec {
  const where = `Image: boxes "${name}"`;
  if (!Array.isArray(boxes.boxData)) throw mediaError(`${where} need boxData, an array of boxes.`);
  const data = boxes.boxData.map((box: Box, i) => boxJson(box, `${where}, box ${i}`));
  const ids = boxes.boxData.flatMap(({ classId }: Box) => (classId === undefined ? [] : [classId]));
  return {
    content: {
      box_data: data,
      ...(boxes.classLabels === undefined ? {} : { class_labels: checkedLabels(boxes.classLabels, where) }),
    },
    classLabels:
      boxes.classLabels === undefined ? defaultLabels(ids) : checkedLabels(boxes.classLabels, where),
  };
}

function boxJson(box: Box, where: string): FileValue {
  const position = box.position as { readonly [side: string]: unknown } | undefined;
  const has = (...sides: string[]): boolean => sides.every((side) => typeof position?.[side] === "number");
  const middle = position?.["middle"];
  if (
    !has("minX", "maxX", "minY", "maxY") &&
    !(Array.isArray(middle) && middle.length === 2 && has("width", "height"))
  ) {
    throw mediaError(
      `${where}: position is { minX, maxX, minY, maxY } or { middle: [x, y], width, height }.`,
    );
  }
  if (box.classId !== undefined && !Number.isInteger(box.classId)) {
    throw mediaError(`${where}: classId is an integer, got ${box.classId}.`);
  }
  for (const [score, value] of Object.entries(box.scores ?? {})) {
    if (typeof value !== "number") throw mediaError(`${where}: the score "${score}" is not a number.`);
  }
  const json: { [key: string]: FileValue } = {};
  for (const [key, value] of Object.entries(box)) {
    const official = BOX_KEYS[key];
    if (official === undefined)
      throw mediaError(`${where}: "${key}" is unknown; a box has ${Object.keys(BOX_KEYS).join(", ")}.`);
    if (value !== undefined) json[official] = normalizeValue(value, where);
  }
  return json;
}

/** Checks a mask and makes a picture of it; `width` and `height` are the image's, for flat data. */
export function maskSpec(mask: Mask, name: string, width: number, height: number): MaskSpec {
  const where = `Image: mask "${name}"`;
  const labels = mask.classLabels === undefined ? undefined : checkedLabels(mask.classLabels, where);
  if ("path" in mask) {
    return {
      source: { file: mask.path },
      extension: `.${extensionOf(mask.path)}`,
      ...(labels === undefined ? {} : { classLabels: labels }),
    };
  }
  const { shape, data } = toTensor(mask.maskData, where);
  const [rows, columns] = shape.length === 1 && data.length === width * height ? [height, width] : shape;
  if (rows === undefined || columns === undefined || rows * columns !== data.length) {
    throw mediaError(
      `${where}: maskData has two dimensions, or ${width * height} values for this image; got shape [${shape}].`,
    );
  }
  const pixels = new Uint8Array(data.length);
  const ids = new Set<number>();
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isInteger(value) || value < 0 || value > 255) {
      throw mediaError(`${where}: classes are integers from 0 to 255, got ${value}.`);
    }
    pixels[i] = value;
    ids.add(value);
  }
  return {
    source: { pixels, width: columns, height: rows, channels: 1 },
    extension: ".mask.png",
    classLabels: labels ?? defaultLabels([...ids]),
  };
}

function defaultLabels(ids: readonly number[]): { [id: string]: string } {
  const sorted = [...new Set(ids)].sort((a, b) => a - b);
  return Object.fromEntries(sorted.map((id) => [id, `class_${id}`]));
}

function checkedLabels(labels: ClassLabels, where: string): { [id: string]: string } {
  for (const [id, label] of Object.entries(labels)) {
    if (!Number.isFinite(Number(id)) || typeof label !== "string") {
      throw mediaError(
        `${where}: classLabels give a name for each class number, got ${JSON.stringify({ [id]: label })}.`,
      );
    }
  }
  return { ...labels };
}
