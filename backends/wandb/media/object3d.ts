import type { NumericArray } from "../../../src/events/tensor.js";
import { type TensorInput, toTensor } from "../../../src/media/tensor-input.js";
import { compactJson, type FileValue, Floats } from "../values/file-json.js";
import { normalizeValue } from "../values/normalize.js";
import { checkFile } from "./audio.js";
import type { ColumnType } from "./column-type.js";
import { Media } from "./media.js";
import { MEDIA, type MediaSpec, mediaError, nextMediaId } from "./media-spec.js";

const FORMATS = ["obj", "gltf", "glb", "babylon", "stl", "pts.json"] as const;
/** File formats of 3D objects. */
export type Object3DFormat = (typeof FORMATS)[number];

/** A box of a scene: its eight corners, and what it is. */
export interface Box3D {
  readonly corners: readonly (readonly [number, number, number])[];
  readonly label?: string;
  readonly color?: readonly [number, number, number];
  readonly score?: number;
}

/** Points with boxes and vectors around them. */
export interface Scene {
  readonly type: "lidar/beta";
  readonly points?: TensorInput;
  readonly boxes?: readonly Box3D[];
  readonly vectors?: readonly { readonly start: readonly number[]; readonly end: readonly number[] }[];
}

/** What `Object3D` has to know of its content. */
export interface Object3DOptions {
  caption?: string;
  /** Kind of file, when `data` is the text of one instead of its path. */
  fileType?: Object3DFormat;
}

/**
 * Something with three dimensions: a model's file, a scene, or points of shape [count, 3] (x y z), [count, 4] (and a
 * category from 1 to 14) or [count, 6] (and r g b).
 *
 * @example
 * ```ts
 * run.log({ cloud: new wandb.Object3D([[0, 0, 0, 255, 0, 0], [1, 1, 1, 0, 255, 0]]) });
 * ```
 */
export class Object3D extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType = { name: "object3D-file" };

  constructor(data: string | TensorInput | Scene, options: Object3DOptions = {}) {
    super();
    const { caption, fileType } = options;
    if (fileType !== undefined && !FORMATS.includes(fileType)) {
      throw mediaError(`Object3D: fileType is one of ${FORMATS.join(", ")}, got "${fileType}".`);
    }
    let source: MediaSpec["source"];
    let format: string = "pts.json";
    if (typeof data === "string") {
      const found = fileType ?? FORMATS.find((known) => data.endsWith(known));
      if (found === undefined) throw mediaError(`Object3D: "${data}" ends in none of ${FORMATS.join(", ")}.`);
      format = found;
      if (fileType === undefined) checkFile(data, "Object3D");
      source = fileType === undefined ? { file: data } : { text: data };
    } else {
      source = { text: compactJson(isScene(data) ? sceneJson(data) : pointsJson(data, "Object3D")) };
    }
    this.spec = {
      [MEDIA]: "object3D",
      id: nextMediaId(),
      source,
      extension: `.${format}`,
      members: {},
      ...(caption === undefined ? {} : { caption }),
    };
  }
}

function isScene(data: TensorInput | Scene): data is Scene {
  return (
    typeof data === "object" &&
    data !== null &&
    "type" in data &&
    !ArrayBuffer.isView(data) &&
    !("shape" in data)
  );
}

function sceneJson(scene: Scene): FileValue {
  if (scene.type !== "lidar/beta") {
    throw mediaError(`Object3D: a scene's type is "lidar/beta", got "${scene.type}".`);
  }
  return {
    type: scene.type,
    vectors: normalizeValue(scene.vectors ?? [], "Object3D vectors"),
    points: scene.points === undefined ? [] : pointsJson(scene.points, "Object3D points"),
    boxes: normalizeValue(scene.boxes ?? [], "Object3D boxes"),
  };
}

function pointsJson(input: TensorInput, where: string): FileValue {
  const { shape, data } = toTensor(input, where);
  const [count, size] = shape;
  if (shape.length !== 2 || count === undefined || (size !== 3 && size !== 4 && size !== 6)) {
    throw mediaError(`${where}: points have shape [count, 3], [count, 4] or [count, 6], got [${shape}].`);
  }
  const isWhole = !Array.isArray(input)
    ? !isFloat(data)
    : Array.from(data as ArrayLike<number>).every(Number.isInteger);
  return Array.from({ length: count }, (_, i) => {
    const point = Array.from(data.subarray(i * size, (i + 1) * size) as ArrayLike<number>, Number);
    // numpy prints whole numbers of float arrays with a point, and infers the type of nested lists as is done here.
    return isWhole ? point : new Floats(point);
  });
}

function isFloat(data: NumericArray): boolean {
  return data instanceof Float32Array || data instanceof Float64Array;
}
