import { relative } from "node:path/posix";
import type { LoggedValue } from "../values/json.js";
import { MEDIA, MEDIA_KINDS, type MediaSpec } from "./media-spec.js";

/** Pictures that W&B shows of one list. */
const MAX_IMAGES = 108;

type Json = { readonly [member: string]: LoggedValue };

/** What a row holds of several media objects of one kind; `write` writes one and gives what a row would hold of it. */
export function listJson(
  specs: readonly MediaSpec[],
  write: (spec: MediaSpec) => Json,
  warn: (message: string) => void,
): LoggedValue {
  const kind = specs[0]![MEDIA];
  let shown = specs;
  if (kind === "image" && specs.length > MAX_IMAGES) {
    shown = specs.slice(0, MAX_IMAGES);
    warn(`A list of ${specs.length} images was logged; W&B keeps the first ${MAX_IMAGES}.`);
  }
  const jsons = shown.map(write);
  const count = shown.length;
  const paths = jsons.map(({ path }) => path as string);
  switch (kind) {
    case "image":
      return imagesJson(shown, jsons, paths);
    case "audio":
      return {
        _type: "audio",
        count,
        audio: jsons,
        sampleRates: shown.map(({ sampleRate }) => sampleRate ?? null),
        durations: shown.map(({ duration }) => duration ?? null),
        ...(shown.every(({ caption }) => caption === undefined)
          ? {}
          : { captions: shown.map(({ caption }) => caption ?? "") }),
      };
    case "video":
      return { _type: "videos", count, videos: jsons, captions: captionsOrFalse(shown) };
    case "html":
      return { _type: "html", count, html: jsons };
    case "object3D": {
      const { folder } = MEDIA_KINDS.object3D;
      return {
        _type: "object3D",
        filenames: paths.map((path) => relative(folder, path)),
        count,
        objects: jsons,
      };
    }
    case "molecule":
      return { _type: "molecule", filenames: paths, count, captions: captionsOrFalse(shown) };
    case "plotly":
      return jsons;
  }
}

/** Size and format are those of the first picture. */
function imagesJson(specs: readonly MediaSpec[], jsons: readonly Json[], filenames: string[]): LoggedValue {
  const { width, height, format } = jsons[0]!;
  const captions = captionsOrFalse(specs);
  const masks = jsons.map((json) => json["masks"] ?? null);
  const boxes = jsons.map((json) => json["boxes"] ?? null);
  return {
    _type: "images/separated",
    width,
    height,
    format,
    count: specs.length,
    filenames,
    ...(captions === false ? {} : { captions }),
    ...(masks.every((mask) => mask === null) ? {} : { all_masks: masks }),
    ...(boxes.every((box) => box === null) ? {} : { all_boxes: boxes }),
  };
}

/** Captions count when the first object has one. */
function captionsOrFalse(specs: readonly MediaSpec[]): (string | null)[] | false {
  return specs[0]!.caption === undefined ? false : specs.map(({ caption }) => caption ?? null);
}
