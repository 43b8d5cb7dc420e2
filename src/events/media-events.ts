import type { EventBase, JsonObject } from "./event-base.js";
import type { Tensor } from "./tensor.js";

/** Bytes that are already an image, audio or video file; `format` is the lower-case extension without a dot. */
export interface EncodedMedia {
  readonly format: string;
  readonly bytes: Uint8Array;
}

/** Pixels with the meaning of their axes: letters of N, T, C, H, W in order, e.g. `CHW`, `HWC`, `HW`, `NCHW`. */
export interface PixelTensor {
  readonly tensor: Tensor;
  readonly layout: string;
}

/** One image, or several when the layout has an N (TensorBoard shows them as a grid). */
export interface ImageEvent extends EventBase {
  readonly kind: "image";
  readonly tag: string;
  readonly image: PixelTensor | EncodedMedia;
  /** Boxes to draw: rows of xmin, ymin, xmax, ymax in pixels. */
  readonly boxes?: { readonly corners: Tensor; readonly labels?: readonly string[] };
  /** Factor for the stored picture's size; 1 when absent. */
  readonly rescale?: number;
  readonly caption?: string;
}

/** A chart: a rendered picture, or a declarative specification. */
export interface FigureEvent extends EventBase {
  readonly kind: "figure";
  readonly tag: string;
  readonly figure:
    | EncodedMedia
    | { readonly format: "svg"; readonly text: string }
    | { readonly format: "vega" | "plotly"; readonly spec: JsonObject };
}

/** Markdown text. */
export interface TextEvent extends EventBase {
  readonly kind: "text";
  readonly tag: string;
  readonly text: string;
}

/** Sound: samples in -1..1 of shape [frames] or [frames, channels] (TensorBoard's [1, frames] too), or a file's bytes. */
export interface AudioEvent extends EventBase {
  readonly kind: "audio";
  readonly tag: string;
  readonly audio: Tensor | EncodedMedia;
  /** Samples a second; for encoded bytes what the caller said. */
  readonly sampleRate: number;
}

/** Moving pictures: a tensor with layout NTCHW (or another order of these letters), or a file's bytes. */
export interface VideoEvent extends EventBase {
  readonly kind: "video";
  readonly tag: string;
  readonly video: PixelTensor | EncodedMedia;
  /** Frames a second. */
  readonly fps: number;
}

/** A point cloud or triangle mesh; every tensor has shape [batch, count, 3]. */
export interface MeshEvent extends EventBase {
  readonly kind: "mesh";
  readonly tag: string;
  readonly vertices: Tensor;
  readonly colors?: Tensor;
  readonly faces?: Tensor;
  /** THREE.js scene settings (camera, lights, material), passed to TensorBoard. */
  readonly config?: JsonObject;
}

/** Points in a high-dimensional space with what is known of each. */
export interface EmbeddingEvent extends EventBase {
  readonly kind: "embedding";
  readonly tag: string;
  /** Shape [points, dimensions]. */
  readonly points: Tensor;
  /** One row of cells a point; rows of one cell when there is no header. */
  readonly metadata?: readonly (readonly string[])[];
  readonly metadataHeader?: readonly string[];
  /** One small picture a point, shape [points, channels, height, width]. */
  readonly images?: Tensor;
}
