import type { FileValue } from "../values/file-json.js";
import type { BoxesSpec, MediaSpec } from "./media-spec.js";

/** What an image column knows of the boxes and masks in it: class ids and names by the name of their set. */
export interface ImageColumn {
  readonly name: "image-file";
  readonly boxLayers: Classes;
  readonly maskLayers: Classes;
  readonly scoreKeys: readonly string[];
  readonly classes: { readonly [id: string]: string };
}
type Classes = { readonly [set: string]: { readonly [id: string]: string } };

/** The type of a table's column, in the official client's system of types. */
export type ColumnType =
  | { readonly name: SimpleName }
  | {
      readonly name: "list";
      readonly element: ColumnType;
      readonly length: number | null;
      /** It stands for a typed array. */
      readonly isArray?: true;
    }
  | { readonly name: "typedDict"; readonly members: { readonly [key: string]: ColumnType } }
  | { readonly name: "union"; readonly allowed: readonly ColumnType[] }
  /** What W&B has no type for. */
  | { readonly name: "pythonObject"; readonly className: "Plotly" | "Molecule" }
  | ImageColumn;

type SimpleName =
  | "none"
  | "string"
  | "number"
  | "boolean"
  | "timestamp"
  | "any"
  | "unknown"
  | "invalid"
  | "audio-file"
  | "video-file"
  | "html-file"
  | "object3D-file";

const NONE: ColumnType = { name: "none" };
const UNKNOWN: ColumnType = { name: "unknown" };

/** A type that also takes null. */
export function optional(type: ColumnType): ColumnType {
  return union([type, NONE]);
}

/** The type of an image's column, from its boxes, masks and classes. */
export function imageColumnType(image: Pick<MediaSpec, "boxes" | "masks" | "classes">): ImageColumn {
  const boxes = Object.entries(image.boxes ?? {});
  const masks = Object.entries(image.masks ?? {});
  return {
    name: "image-file",
    boxLayers: Object.fromEntries(boxes.map(([set, { classLabels }]) => [set, classLabels])),
    maskLayers: Object.fromEntries(masks.map(([set, { classLabels }]) => [set, classLabels ?? {}])),
    scoreKeys: [...new Set(boxes.flatMap(([, { content }]) => scoreKeysOf(content)))],
    classes: Object.fromEntries((image.classes ?? []).map(({ id, name }) => [String(id), name])),
  };
}

function scoreKeysOf(content: BoxesSpec["content"]): string[] {
  const boxes = content["box_data"] as readonly { readonly scores?: object }[];
  return boxes.flatMap(({ scores }) => Object.keys(scores ?? {}));
}

/** The type of a cell's value. `typed` gives the type of a media object. */
export function typeOfCell(value: unknown, typed: (value: object) => ColumnType | undefined): ColumnType {
  if (value === null || value === undefined || Number.isNaN(value)) return NONE;
  if (typeof value === "string") return { name: "string" };
  if (typeof value === "number" || typeof value === "bigint") return { name: "number" };
  if (typeof value === "boolean") return { name: "boolean" };
  if (typeof value !== "object") return { name: "string" };
  if (value instanceof Date) return { name: "timestamp" };
  const media = typed(value);
  if (media !== undefined) return media;
  if (ArrayBuffer.isView(value)) {
    const { length } = value as Uint8Array;
    return { name: "list", element: { name: "number" }, length, isArray: true };
  }
  if (Array.isArray(value)) {
    const hasNone = value.some((item) => item === null || item === undefined);
    let element: ColumnType = hasNone ? optional(UNKNOWN) : UNKNOWN;
    for (const item of value) element = assign(element, typeOfCell(item, typed)) ?? { name: "invalid" };
    return { name: "list", element, length: value.length };
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return {
    name: "typedDict",
    members: Object.fromEntries(members.map(([key, member]) => [key, typeOfCell(member, typed)])),
  };
}

/** The type of a column after it has taken a value of a type too; undefined when it cannot. */
export function assign(type: ColumnType, given: ColumnType): ColumnType | undefined {
  if (type.name === "invalid") return undefined;
  if (type.name === "union") return assignToUnion(type.allowed, given);
  if (type.name === "any") return given.name === "none" ? undefined : type;
  if (type.name === "unknown") return given.name === "none" ? undefined : given;
  if (type.name !== given.name) return undefined;
  if (type.name === "list" && given.name === "list") {
    const element = assign(type.element, given.element) ?? (given.length === 0 ? type.element : undefined);
    if (element === undefined) return undefined;
    const isArray = type.isArray && given.isArray;
    return { name: "list", element, length: given.length, ...(isArray ? { isArray } : {}) };
  }
  if (type.name === "typedDict" && given.name === "typedDict")
    return assignMembers(type.members, given.members);
  if (type.name === "image-file" && given.name === "image-file") return mergeImages(type, given);
  return type;
}

/** The first allowed type that takes the value is replaced by the outcome. */
function assignToUnion(allowed: readonly ColumnType[], given: ColumnType): ColumnType | undefined {
  if (given.name === "union") {
    let type: ColumnType | undefined = { name: "union", allowed };
    for (const one of given.allowed) type = type === undefined ? undefined : assign(type, one);
    return type;
  }
  for (const [i, type] of allowed.entries()) {
    if (type.name === "unknown") continue;
    const assigned = assign(type, given);
    if (assigned === type) return { name: "union", allowed };
    if (assigned !== undefined) return union([...allowed.slice(0, i), assigned, ...allowed.slice(i + 1)]);
  }
  const unknown = allowed.findIndex(({ name }) => name === "unknown");
  if (unknown < 0 || given.name === "none") return undefined;
  return union([...allowed.slice(0, unknown), given, ...allowed.slice(unknown + 1)]);
}

function assignMembers(
  members: { readonly [key: string]: ColumnType },
  given: { readonly [key: string]: ColumnType },
): ColumnType | undefined {
  if (Object.keys(given).some((key) => !Object.hasOwn(members, key))) return undefined;
  const result: { [key: string]: ColumnType } = {};
  for (const [key, type] of Object.entries(members)) {
    const assigned = assign(type, given[key] ?? NONE);
    if (assigned === undefined) return undefined;
    result[key] = assigned;
  }
  return { name: "typedDict", members: result };
}

function mergeImages(a: ImageColumn, b: ImageColumn): ImageColumn {
  const layers = (one: Classes, other: Classes): Classes => {
    const sets = new Set([...Object.keys(one), ...Object.keys(other)]);
    return Object.fromEntries([...sets].map((set) => [set, { ...other[set], ...one[set] }]));
  };
  return {
    name: "image-file",
    boxLayers: layers(a.boxLayers, b.boxLayers),
    maskLayers: layers(a.maskLayers, b.maskLayers),
    scoreKeys: [...new Set([...a.scoreKeys, ...b.scoreKeys])],
    classes: { ...b.classes, ...a.classes },
  };
}

/** Unions hold no unions, and are in the order of their descriptions, as the official client sorts them. */
function union(types: readonly ColumnType[]): ColumnType {
  const flat = types.flatMap((type) => (type.name === "union" ? type.allowed : [type]));
  return {
    name: "union",
    allowed: flat
      .map((type) => ({ type, text: describeType(type) }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({ type }) => type),
  };
}

/** A type in words: `Number or None`, `String[]`, `{'k': Number}`. */
export function describeType(type: ColumnType): string {
  if (type.name === "union") return type.allowed.map(describeType).join(" or ");
  if (type.name === "list") return `${describeType(type.element)}[]`;
  if (type.name === "typedDict") {
    return `{${Object.entries(type.members)
      .map(([key, member]) => `'${key}': ${describeType(member)}`)
      .join(", ")}}`;
  }
  return type.name[0]!.toUpperCase() + type.name.slice(1).toLowerCase();
}

/** A type as a table's file describes it. */
export function typeJson(type: ColumnType): FileValue {
  switch (type.name) {
    case "list":
      return { wb_type: "list", params: { element_type: typeJson(type.element), length: type.length } };
    case "typedDict":
      return dictJson(type.members);
    case "union": {
      // The official client writes arrays as lists and forgets that there may be none.
      const array = type.allowed.find((one) => one.name === "list" && one.isArray);
      if (array !== undefined) return typeJson(array);
      return { wb_type: "union", params: { allowed_types: type.allowed.map(typeJson) } };
    }
    case "pythonObject":
      return { wb_type: "pythonObject", params: { class_name: type.className } };
    case "image-file":
      return { wb_type: "image-file", params: imageParams(type) };
    default:
      return { wb_type: type.name };
  }
}

/** The types of several columns, or of an object's members. */
export function dictJson(members: { readonly [key: string]: ColumnType }): FileValue {
  const map = Object.fromEntries(Object.entries(members).map(([key, member]) => [key, typeJson(member)]));
  return { wb_type: "typedDict", params: { type_map: map } };
}

function imageParams({ boxLayers, maskLayers, scoreKeys, classes }: ImageColumn): FileValue {
  const constant = (val: FileValue, isSet = false): FileValue => ({
    wb_type: "const",
    params: { val, is_set: isSet },
  });
  const ids = (layers: Classes): FileValue =>
    Object.fromEntries(Object.entries(layers).map(([set, labels]) => [set, Object.keys(labels).map(Number)]));
  return {
    box_layers: constant(ids(boxLayers)),
    box_score_keys: constant([...scoreKeys], true),
    mask_layers: constant(ids(maskLayers)),
    box_class_maps: constant(boxLayers),
    mask_class_maps: constant(maskLayers),
    class_map: constant(classes),
  };
}
