import type {
  AudioEvent,
  FigureEvent,
  ImageEvent,
  MeshEvent,
  TextEvent,
  VideoEvent,
} from "../../../src/events/event.js";
import type { Tensor } from "../../../src/events/tensor.js";
import { type Pixels, toImages } from "../../../src/media/image-pixels.js";
import { rescale } from "../../../src/media/resize.js";
import { tileVideo } from "../../../src/media/video-tiles.js";
import { Audio } from "../media/audio.js";
import type { ColumnType } from "../media/column-type.js";
import { Html } from "../media/html.js";
import { Image, type ImageOptions } from "../media/image.js";
import { Media } from "../media/media.js";
import { MEDIA, MEDIA_KINDS, type MediaSpec, nextMediaId } from "../media/media-spec.js";
import { Object3D } from "../media/object3d.js";
import { Plotly } from "../media/plotly.js";
import { Video, type VideoFormat } from "../media/video.js";

/** One picture, or a list of them for a batch; boxes are W&B's own, which its pages can switch off. */
export function imageValue(event: ImageEvent): Image | Image[] {
  const { image, boxes, rescale: factor = 1, caption } = event;
  const options: ImageOptions = caption === undefined ? {} : { caption };
  if ("bytes" in image) return new Image(image.bytes, options);
  const pictures = toImages(image).map((picture) => (factor === 1 ? picture : rescale(picture, factor)));
  const withBoxes: ImageOptions =
    boxes === undefined || pictures.length > 1
      ? options
      : { ...options, boxes: { boxes: boxSet(boxes.corners, boxes.labels, factor) } };
  const images = pictures.map((picture) => pictureOf(picture, withBoxes));
  return images.length === 1 ? images[0]! : images;
}

/** W&B's pictures have no gray with transparency: it becomes RGBA. */
function pictureOf({ pixels, width, height, channels }: Pixels, options: ImageOptions): Image {
  let data = pixels;
  if (channels === 2) {
    data = new Uint8Array(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      data.fill(pixels[2 * i]!, 4 * i, 4 * i + 3);
      data[4 * i + 3] = pixels[2 * i + 1]!;
    }
  }
  return new Image(data, { ...options, width, height, channels: channels === 3 ? 3 : 4 });
}

function boxSet(
  corners: Tensor,
  labels: readonly string[] | undefined,
  factor: number,
): NonNullable<ImageOptions["boxes"]>[string] {
  const names = [...new Set(labels ?? [])];
  const boxData = Array.from({ length: corners.data.length / 4 }, (_, i) => {
    const [minX, minY, maxX, maxY] = Array.from(
      corners.data.slice(4 * i, 4 * i + 4) as ArrayLike<number>,
      (value) => Number(value) * factor,
    ) as [number, number, number, number];
    const label = labels?.[i];
    const known = label === undefined ? {} : { classId: names.indexOf(label), boxCaption: label };
    return { position: { minX, maxX, minY, maxY }, domain: "pixel" as const, ...known };
  });
  return names.length === 0 ? { boxData } : { boxData, classLabels: { ...names } };
}

/** A chart: pictures as images, Plotly as W&B draws it, SVG as a page, Vega's description as text on a page. */
export function figureValue({ figure }: FigureEvent): Image | Html | Plotly {
  if ("bytes" in figure) return new Image(figure.bytes);
  if (figure.format === "svg") return new Html(figure.text, { dataIsNotPath: true });
  if (figure.format === "plotly") return new Plotly(figure.spec as unknown as { data: readonly object[] });
  return plainPage(JSON.stringify(figure.spec, null, 2));
}

export function textValue({ text }: TextEvent): Html {
  return plainPage(text);
}

/** A page that shows text as it is. */
function plainPage(text: string): Html {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return new Html(`<pre style="white-space: pre-wrap">${escaped}</pre>`, { dataIsNotPath: true });
}

export function audioValue({ audio, sampleRate }: AudioEvent): Media {
  if (!("bytes" in audio)) return new Audio(audio, { sampleRate });
  const { format, bytes } = audio;
  return new ReadyMedia("audio", { source: { bytes }, extension: `.${format}`, members: {}, sampleRate });
}

export function videoValue({ video, fps }: VideoEvent): Media {
  if ("bytes" in video) return new Video(video.bytes, { format: video.format as VideoFormat });
  const { frames, width, height } = tileVideo(video);
  const source = { frames, width, height, fps };
  return new ReadyMedia("video", { source, extension: ".gif", members: { width, height } });
}

/** A media object that needs no checks any more. */
class ReadyMedia extends Media {
  readonly spec: MediaSpec;
  readonly columnType: ColumnType;

  constructor(kind: "audio" | "video", parts: Omit<MediaSpec, typeof MEDIA | "id">) {
    super();
    this.spec = { [MEDIA]: kind, id: nextMediaId(), ...parts };
    this.columnType = { name: MEDIA_KINDS[kind].type };
  }
}

/** Point clouds as W&B's own kind; meshes with faces as the text of an OBJ file. One object for each of the batch. */
export function meshValue({ vertices, colors, faces }: MeshEvent): Object3D | Object3D[] {
  const [batch = 1, count = 0] = vertices.shape;
  const objects = Array.from({ length: batch }, (_, index) => {
    const points = rowsOf(vertices, index, count);
    const paint = colors === undefined ? undefined : rowsOf(colors, index, count);
    const corners = faces === undefined ? undefined : rowsOf(faces, index, faces.shape[1] ?? 0);
    if (corners !== undefined) return new Object3D(objText(points, paint, corners), { fileType: "obj" });
    return new Object3D(points.map((point, i) => (paint === undefined ? point : [...point, ...paint[i]!])));
  });
  return objects.length === 1 ? objects[0]! : objects;
}

function rowsOf({ data }: Tensor, batch: number, count: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const at = (batch * count + i) * 3;
    return Array.from(data.slice(at, at + 3) as ArrayLike<number>, Number);
  });
}

/** Vertices with colours in 0..1, and faces counted from 1. */
function objText(points: number[][], colors: number[][] | undefined, faces: number[][]): string {
  const vertices = points.map((point, i) => {
    const color = colors === undefined ? [] : colors[i]!.map((value) => value / 255);
    return `v ${[...point, ...color].join(" ")}\n`;
  });
  return vertices.join("") + faces.map((face) => `f ${face.map((index) => index + 1).join(" ")}\n`).join("");
}
