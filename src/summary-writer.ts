import { maskParams } from "./collectors/secrets.js";
import { TraceletError } from "./errors.js";
import { checkTag } from "./events/check.js";
import type { CustomScalarLayout, HistogramBins, HparamValue, JsonObject } from "./events/event.js";
import { checkJsonObject } from "./events/json.js";
import type { Tensor } from "./events/tensor.js";
import { checkBins } from "./media/bin-rules.js";
import { type TensorInput, toScalar, toTensor, toValues } from "./media/tensor-input.js";
import { createDestination, type Destination, type SummaryWriterOptions } from "./summary/destination.js";
import { type EmbeddingOptions, embeddingInput } from "./summary/embedding-input.js";
import { type FigureInput, figureInput } from "./summary/figure-input.js";
import { type GraphInput, graphInput } from "./summary/graph-input.js";
import { checkHparams } from "./summary/hparams-input.js";
import {
  type AddOptions,
  eventBase,
  type ImageInput,
  imageInput,
  pixels,
  tensorOfShape,
} from "./summary/input.js";
import { type PrCurveColumns, prCurveInput, prCurveRawInput } from "./summary/pr-curve-input.js";
import { audioInput, videoInput } from "./summary/recording-input.js";

export type { SummaryWriterOptions } from "./summary/destination.js";

/**
 * Logs to the active experiment with TensorBoard's calls: the methods of `torch.utils.tensorboard.SummaryWriter` and
 * tensorboardX in camelCase. Optional arguments that Python gives by name are an object at the end.
 *
 * - With an active experiment, everything goes to it, whatever its backends.
 * - With a `logDir`, event files are written there (too).
 * - With neither, it writes plain event files under `runs/`, as PyTorch's does.
 *
 * Calls return at once; values are copied, pictures and sounds are encoded in the logging worker. What cannot be
 * logged throws a `TraceletError` `invalid-value` that names the call and the rule; nothing else throws.
 *
 * @example
 * ```ts
 * import { SummaryWriter } from "tracelet";
 *
 * const writer = new SummaryWriter("runs/demo");
 * for (let step = 0; step < 100; step++) writer.addScalar("loss", Math.exp(-step / 20), step);
 * await writer.close();
 * ```
 */
export class SummaryWriter {
  readonly #destination: Destination;

  /**
   * @param logDir folder for event files, absolute or below the working directory; default: none with an active
   *   experiment, else `runs/<Mon><DD>_<HH-MM-SS>_<host><comment>`
   */
  constructor(logDir?: string, options: SummaryWriterOptions = {}) {
    this.#destination = createDestination(logDir, options);
  }

  /**
   * One number under a tag.
   *
   * @param value a number, boolean, bigint, one-element tensor or object with `item()`; NaN and infinities are kept.
   *   TensorBoard shows float32, other backends keep float64.
   * @param step x value, a safe integer; default none (TensorBoard then shows the points at step 0)
   * @param wallTime seconds since the epoch; default now
   */
  addScalar(tag: string, value: number | TensorInput, step?: number | null, wallTime?: number): void {
    const destination = this.#destination;
    destination.target().scalar(tag, value as number, step ?? undefined, wallTime);
    destination.also?.scalar(tag, value as number, step ?? undefined, wallTime);
  }

  /** Several curves in one chart: each value under `mainTag` with its name. */
  addScalars(
    mainTag: string,
    values: { readonly [name: string]: number | TensorInput },
    step?: number | null,
    wallTime?: number,
  ): void {
    const tags = Object.keys(values);
    if (tags.length === 0) return;
    this.#destination.record({
      kind: "row",
      mainTag: checkTag(mainTag),
      tags: tags.map((tag) => checkTag(tag)),
      values: tags.map((tag) => toScalar(values[tag], `addScalars("${mainTag}") ${tag}`)),
      ...eventBase(step, wallTime),
    });
  }

  /**
   * The distribution of values.
   *
   * @param values any number of them in any shape, at least one
   * @param options.bins bin edges, a number of bins, or a rule: `tensorflow` (default), `auto`, `fd`, `doane`, `scott`,
   *   `stone`, `rice`, `sturges`, `sqrt`
   * @param options.maxBins merge bins until there are about this many; default as many as there are
   */
  addHistogram(
    tag: string,
    values: TensorInput,
    step?: number | null,
    options: AddOptions & { readonly bins?: HistogramBins; readonly maxBins?: number } = {},
  ): void {
    const { bins = "tensorflow", maxBins, wallTime } = options;
    const flat = toValues(values, `addHistogram("${tag}")`);
    checkBins(bins, `addHistogram("${tag}")`);
    if (flat.length === 0)
      throw new TraceletError("invalid-value", `addHistogram("${tag}"): there are no values`);
    this.#destination.record({
      kind: "histogram",
      tag: checkTag(tag),
      values: flat,
      bins,
      ...(maxBins !== undefined && { maxBins }),
      ...eventBase(step, wallTime),
    });
  }

  /** A distribution that is binned already; `bucketLimits` are the bins' right edges. */
  addHistogramRaw(
    tag: string,
    histogram: {
      readonly min: number;
      readonly max: number;
      readonly num: number;
      readonly sum: number;
      readonly sumSquares: number;
      readonly bucketLimits: readonly number[] | Float64Array;
      readonly bucketCounts: readonly number[] | Float64Array;
    },
    step?: number | null,
    options: AddOptions = {},
  ): void {
    const { min, max, num, sum, sumSquares } = histogram;
    const bucketLimits = Array.from(histogram.bucketLimits);
    const bucketCounts = Array.from(histogram.bucketCounts);
    if (bucketLimits.length !== bucketCounts.length) {
      throw new TraceletError(
        "invalid-value",
        `addHistogramRaw("${tag}"): ${bucketLimits.length} limits but ${bucketCounts.length} counts`,
      );
    }
    this.#destination.record({
      kind: "histogramRaw",
      tag: checkTag(tag),
      min,
      max,
      num,
      sum,
      sumSquares,
      bucketLimits,
      bucketCounts,
      ...eventBase(step, options.wallTime),
    });
  }

  /** A tensor as such; no TensorBoard page shows it, its Python API reads it. */
  addTensor(tag: string, tensor: TensorInput, step?: number | null, options: AddOptions = {}): void {
    this.#destination.record({
      kind: "tensor",
      tag: checkTag(tag),
      tensor: toTensor(tensor, `addTensor("${tag}")`),
      ...eventBase(step, options.wallTime),
    });
  }

  /**
   * One picture.
   *
   * @param image pixels (integers of a `Uint8Array` 0..255, anything else 0..1), the bytes of a picture file, or its path
   * @param options.dataformats what the axes are: `CHW` (default), `HWC`, `HW`, `WH`; not used for files
   */
  addImage(
    tag: string,
    image: ImageInput,
    step?: number | null,
    options: AddOptions & { readonly dataformats?: string } = {},
  ): void {
    const { dataformats = "CHW", wallTime } = options;
    this.#destination.record({
      kind: "image",
      tag: checkTag(tag),
      image: imageInput(image, dataformats, `addImage("${tag}")`),
      ...eventBase(step, wallTime),
    });
  }

  /** Several pictures of one size, shown as a grid of up to 8 columns. `dataformats` default `NCHW`. */
  addImages(
    tag: string,
    images: TensorInput,
    step?: number | null,
    options: AddOptions & { readonly dataformats?: string } = {},
  ): void {
    const { dataformats = "NCHW", wallTime } = options;
    this.#destination.record({
      kind: "image",
      tag: checkTag(tag),
      image: pixels(images, dataformats, `addImages("${tag}")`, "image"),
      ...eventBase(step, wallTime),
    });
  }

  /**
   * One picture with boxes drawn on it.
   *
   * @param boxes rows of xmin, ymin, xmax, ymax in pixels: shape [n, 4]
   * @param options.labels one text a box
   * @param options.rescale factor for the stored picture's size; default 1
   */
  addImageWithBoxes(
    tag: string,
    image: TensorInput,
    boxes: TensorInput,
    step?: number | null,
    options: AddOptions & {
      readonly dataformats?: string;
      readonly labels?: readonly string[];
      readonly rescale?: number;
    } = {},
  ): void {
    const { dataformats = "CHW", labels, rescale, wallTime } = options;
    const what = `addImageWithBoxes("${tag}")`;
    const corners = tensorOfShape(boxes, [null, 4], `${what} boxes`);
    if (labels !== undefined && labels.length !== corners.shape[0]) {
      throw new TraceletError(
        "invalid-value",
        `${what}: ${labels.length} labels for ${corners.shape[0]} boxes`,
      );
    }
    if (rescale !== undefined && !(rescale > 0 && Number.isFinite(rescale))) {
      throw new TraceletError("invalid-value", `${what}: rescale must be a positive factor, not ${rescale}`);
    }
    this.#destination.record({
      kind: "image",
      tag: checkTag(tag),
      image: pixels(image, dataformats, what, "image"),
      boxes: labels === undefined ? { corners } : { corners, labels: labels.map(String) },
      ...(rescale !== undefined && { rescale }),
      ...eventBase(step, wallTime),
    });
  }

  /** A chart: picture bytes or path, SVG text, a canvas, or a Vega-Lite or Plotly specification. */
  addFigure(tag: string, figure: FigureInput, step?: number | null, options: AddOptions = {}): void {
    this.#destination.record({
      kind: "figure",
      tag: checkTag(tag),
      figure: figureInput(figure, `addFigure("${tag}")`),
      ...eventBase(step, options.wallTime),
    });
  }

  /**
   * Moving pictures.
   *
   * @param video pixels as for `addImage`, or the bytes or path of a GIF or video file
   * @param options.dataformats letters of N, T, C, H, W; default `NTCHW`
   * @param options.fps frames a second; default 4
   */
  addVideo(
    tag: string,
    video: ImageInput,
    step?: number | null,
    options: AddOptions & { readonly dataformats?: string; readonly fps?: number } = {},
  ): void {
    const { dataformats = "NTCHW", fps = 4, wallTime } = options;
    this.#destination.record({
      kind: "video",
      tag: checkTag(tag),
      ...videoInput(video, dataformats, fps, `addVideo("${tag}")`),
      ...eventBase(step, wallTime),
    });
  }

  /**
   * Sound.
   *
   * @param sound samples in -1..1 or an Int16Array, of shape [frames], [1, frames] or [frames, 2], or the bytes or path of a WAV file
   * @param options.sampleRate samples a second; default 44100
   */
  addAudio(
    tag: string,
    sound: TensorInput | Uint8Array | string,
    step?: number | null,
    options: AddOptions & { readonly sampleRate?: number } = {},
  ): void {
    const { sampleRate = 44100, wallTime } = options;
    this.#destination.record({
      kind: "audio",
      tag: checkTag(tag),
      ...audioInput(sound, sampleRate, `addAudio("${tag}")`),
      ...eventBase(step, wallTime),
    });
  }

  /** Markdown text. */
  addText(tag: string, text: string, step?: number | null, options: AddOptions = {}): void {
    if (typeof text !== "string")
      throw new TraceletError(
        "invalid-value",
        `addText("${tag}"): the text is a ${typeof text}, not a string`,
      );
    this.#destination.record({
      kind: "text",
      tag: checkTag(tag),
      text,
      ...eventBase(step, options.wallTime),
    });
  }

  /** A model's graph: nodes, `{onnx: bytes or path}`, or a TensorFlow.js layers model. Slashes in names nest them. */
  addGraph(graph: GraphInput, options: AddOptions = {}): void {
    this.#destination.record({
      kind: "graph",
      graph: graphInput(graph),
      ...eventBase(undefined, options.wallTime),
    });
  }

  /**
   * Points for the projector.
   *
   * @param points shape [points, dimensions]
   * @param options.metadata what is known of each point: a text, or a row of cells with `metadataHeader`
   * @param options.labelImages one small picture a point, shape [points, channels, height, width]
   * @param options.step default 0; `options.tag` default `default`
   */
  addEmbedding(points: TensorInput, options: EmbeddingOptions = {}): void {
    this.#destination.record(embeddingInput(points, options));
  }

  /**
   * A precision-recall curve from labels and predictions.
   *
   * @param labels 0 or 1, one a prediction; `predictions` scores in 0..1
   * @param options.numThresholds at most 127; default 127
   */
  addPrCurve(
    tag: string,
    labels: TensorInput,
    predictions: TensorInput,
    step?: number | null,
    options: AddOptions & { readonly numThresholds?: number; readonly weights?: TensorInput } = {},
  ): void {
    const { numThresholds = 127, weights, wallTime } = options;
    const given = { labels, predictions, ...(weights !== undefined && { weights }) };
    this.#destination.record({
      kind: "prCurve",
      tag: checkTag(tag),
      ...prCurveInput(given, numThresholds, `addPrCurve("${tag}")`),
      ...eventBase(step, wallTime),
    });
  }

  /** A precision-recall curve that is computed already: six columns of equal length, one row a threshold. */
  addPrCurveRaw(
    tag: string,
    curve: PrCurveColumns,
    step?: number | null,
    options: AddOptions & { readonly numThresholds?: number } = {},
  ): void {
    this.#destination.record({
      kind: "prCurveRaw",
      tag: checkTag(tag),
      ...prCurveRawInput(curve, `addPrCurveRaw("${tag}")`),
      numThresholds: options.numThresholds ?? 127,
      ...eventBase(step, options.wallTime),
    });
  }

  /** How the custom-scalars page is arranged: `{category: {chart: ["Multiline" | "Margin", tags]}}`. The last call counts. */
  addCustomScalars(layout: CustomScalarLayout): void {
    for (const charts of Object.values(layout)) {
      for (const [chart, [type, tags]] of Object.entries(charts)) {
        if (type === "Margin" && tags.length !== 3) {
          throw new TraceletError(
            "invalid-value",
            `addCustomScalars: margin chart "${chart}" needs 3 tags (value, lower, upper), not ${tags.length}`,
          );
        }
      }
    }
    this.#destination.record({
      kind: "layout",
      layout: structuredClone(layout),
      ...eventBase(undefined, undefined),
    });
  }

  /** One chart with several curves; the tags are regular expressions. */
  addCustomScalarsMultilineChart(
    tags: readonly string[],
    options: { readonly category?: string; readonly title?: string } = {},
  ): void {
    const { category = "default", title = "untitled" } = options;
    this.addCustomScalars({ [category]: { [title]: ["Multiline", tags] } });
  }

  /** One curve with a band around it: the tags of value, lower and upper edge. */
  addCustomScalarsMarginChart(
    tags: readonly string[],
    options: { readonly category?: string; readonly title?: string } = {},
  ): void {
    const { category = "default", title = "untitled" } = options;
    this.addCustomScalars({ [category]: { [title]: ["Margin", tags] } });
  }

  /**
   * A point cloud or a triangle mesh; every tensor has shape [batch, count, 3].
   *
   * @param options.colors 0..255, one a vertex; `options.faces` vertex indices
   * @param options.config THREE.js settings: `camera`, `lights`, `material`
   */
  addMesh(
    tag: string,
    vertices: TensorInput,
    step?: number | null,
    options: AddOptions & {
      readonly colors?: TensorInput;
      readonly faces?: TensorInput;
      readonly config?: JsonObject;
    } = {},
  ): void {
    const { colors, faces, config, wallTime } = options;
    const part = (name: string, input: TensorInput): Tensor =>
      tensorOfShape(input, [null, null, 3], `addMesh("${tag}") ${name}`);
    this.#destination.record({
      kind: "mesh",
      tag: checkTag(tag),
      vertices: part("vertices", vertices),
      ...(colors !== undefined && { colors: part("colors", colors) }),
      ...(faces !== undefined && { faces: part("faces", faces) }),
      ...(config !== undefined && { config: checkJsonObject(config, "mesh config") }),
      ...eventBase(step, wallTime),
    });
  }

  /**
   * Hyperparameters with the metrics they led to; a row of the hparams page.
   *
   * @param options.runName name of the sub-run; default the time
   * @param options.domainDiscrete allowed values of some hyperparameters
   */
  addHparams(
    hparams: { readonly [name: string]: HparamValue },
    metrics: { readonly [tag: string]: number | TensorInput },
    options: {
      readonly domainDiscrete?: { readonly [name: string]: readonly HparamValue[] };
      readonly runName?: string;
      readonly step?: number;
    } = {},
  ): void {
    const { domainDiscrete, runName, step } = options;
    checkHparams(hparams, domainDiscrete);
    const numbers = Object.entries(metrics).map(([tag, value]) => [
      checkTag(tag),
      toScalar(value, `addHparams metric "${tag}"`),
    ]);
    this.#destination.record({
      kind: "hparams",
      hparams: maskParams(hparams) as typeof hparams,
      metrics: Object.fromEntries(numbers) as Record<string, number>,
      ...(domainDiscrete !== undefined && {
        domainDiscrete: maskParams(domainDiscrete) as typeof domainDiscrete,
      }),
      ...(runName !== undefined && { runName }),
      ...eventBase(step, undefined),
    });
  }

  /** Resolves when everything logged so far is durable. */
  async flush(): Promise<void> {
    await this.#destination.flush();
  }

  /**
   * Ends this writer's own event files; the active experiment goes on. Resolves when they are complete. Like PyTorch's,
   * a writer that is used again opens a new file.
   */
  async close(): Promise<void> {
    await this.#destination.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
