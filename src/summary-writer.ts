import { maskParams } from "./collectors/secrets.js";
import { TraceletError } from "./errors.js";
import { checkTag } from "./events/check.js";
import type { CustomScalarLayout, Event, HistogramBins, HparamValue, JsonObject } from "./events/event.js";
import { checkJsonObject } from "./events/json.js";
import type { NumericArray, Tensor } from "./events/tensor.js";
import type { Experiment } from "./experiment.js";
import { createExperiment, createPlannedExperiment, getActiveExperiment } from "./logging.js";
import { checkBins } from "./media/bin-rules.js";
import { type TensorInput, toScalar, toTensor, toValues } from "./media/tensor-input.js";
import { audioLayout, sniffWav } from "./media/wav.js";
import type { StartOptions } from "./settings/start-options.js";
import { type EmbeddingOptions, embeddingInput } from "./summary/embedding-input.js";
import { type FigureInput, figureInput } from "./summary/figure-input.js";
import { type GraphInput, graphInput } from "./summary/graph-input.js";
import { checkHparams } from "./summary/hparams-input.js";
import {
  type AddOptions,
  eventBase,
  fileBytes,
  type ImageInput,
  imageInput,
  pixels,
  tensorOfShape,
} from "./summary/input.js";

/** Options of a `SummaryWriter`; the names of PyTorch's. */
export interface SummaryWriterOptions {
  /** Ends the name of the default folder; not used with a `logDir`. */
  readonly comment?: string;
  /** For a resumed run: hides what was logged before at this step and later. */
  readonly purgeStep?: number;
  /** Ends the names of the event files. */
  readonly filenameSuffix?: string;
  /** The experiment to log to; default: the active one. */
  readonly experiment?: Experiment;
}

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
  readonly #logDir: string | undefined;
  readonly #options: SummaryWriterOptions;
  /** Where calls go now, and a second place when there are two. */
  #target: Experiment | undefined;
  #also: Experiment | undefined;
  /** The experiment this writer made for its own event files. */
  #own: Experiment | undefined;

  /**
   * @param logDir folder for event files, absolute or below the working directory; default: none with an active
   *   experiment, else `runs/<Mon><DD>_<HH-MM-SS>_<host><comment>`
   */
  constructor(logDir?: string, options: SummaryWriterOptions = {}) {
    this.#logDir = logDir;
    this.#options = options;
    if (options.experiment !== undefined || logDir !== undefined || getActiveExperiment() !== undefined)
      this.#bind();
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
    let target = this.#target;
    if (target === undefined || target.ended) target = this.#bind();
    target.scalar(tag, value as number, step ?? undefined, wallTime);
    this.#also?.scalar(tag, value as number, step ?? undefined, wallTime);
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    this.#record({
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
    const what = `addVideo("${tag}")`;
    if (!(fps > 0 && Number.isFinite(fps)))
      throw new TraceletError("invalid-value", `${what}: fps must be positive, not ${fps}`);
    const bytes = fileBytes(video, what);
    const content =
      bytes === undefined
        ? pixels(video as TensorInput, dataformats, what, "video")
        : { format: videoFormat(bytes, what), bytes };
    this.#record({ kind: "video", tag: checkTag(tag), video: content, fps, ...eventBase(step, wallTime) });
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
    const what = `addAudio("${tag}")`;
    if (!(sampleRate > 0 && Number.isFinite(sampleRate))) {
      throw new TraceletError("invalid-value", `${what}: sampleRate must be positive, not ${sampleRate}`);
    }
    const bytes = fileBytes(sound, what);
    const header = bytes === undefined ? undefined : sniffWav(bytes);
    if (bytes !== undefined && header === undefined) {
      throw new TraceletError(
        "invalid-value",
        `${what}: these bytes are no WAV file; give samples as numbers`,
      );
    }
    const audio = bytes === undefined ? toTensor(sound as TensorInput, what) : { format: "wav", bytes };
    if ("shape" in audio) audioLayout(audio);
    this.#record({
      kind: "audio",
      tag: checkTag(tag),
      audio,
      sampleRate: header?.sampleRate ?? sampleRate,
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
    this.#record({ kind: "text", tag: checkTag(tag), text, ...eventBase(step, options.wallTime) });
  }

  /** A model's graph: nodes, `{onnx: bytes or path}`, or a TensorFlow.js layers model. Slashes in names nest them. */
  addGraph(graph: GraphInput, options: AddOptions = {}): void {
    this.#record({ kind: "graph", graph: graphInput(graph), ...eventBase(undefined, options.wallTime) });
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
    this.#record(embeddingInput(points, options));
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
    const what = `addPrCurve("${tag}")`;
    const columns: Record<string, NumericArray> = {
      labels: toValues(labels, `${what} labels`),
      predictions: toValues(predictions, `${what} predictions`),
      ...(weights !== undefined && { weights: toValues(weights, `${what} weights`) }),
    };
    sameLengths(columns, what);
    if (!Number.isInteger(numThresholds) || numThresholds < 2) {
      throw new TraceletError(
        "invalid-value",
        `${what}: numThresholds must be an integer of at least 2, not ${numThresholds}`,
      );
    }
    this.#record({
      kind: "prCurve",
      tag: checkTag(tag),
      labels: columns["labels"]!,
      predictions: columns["predictions"]!,
      ...(columns["weights"] !== undefined && { weights: columns["weights"] }),
      numThresholds,
      ...eventBase(step, wallTime),
    });
  }

  /** A precision-recall curve that is computed already: six columns of equal length, one row a threshold. */
  addPrCurveRaw(
    tag: string,
    curve: {
      readonly truePositives: TensorInput;
      readonly falsePositives: TensorInput;
      readonly trueNegatives: TensorInput;
      readonly falseNegatives: TensorInput;
      readonly precision: TensorInput;
      readonly recall: TensorInput;
    },
    step?: number | null,
    options: AddOptions & { readonly numThresholds?: number } = {},
  ): void {
    const what = `addPrCurveRaw("${tag}")`;
    const column = (name: keyof typeof curve) =>
      Array.from(toValues(curve[name], `${what} ${name}`) as ArrayLike<number | bigint>, Number);
    const columns = {
      truePositives: column("truePositives"),
      falsePositives: column("falsePositives"),
      trueNegatives: column("trueNegatives"),
      falseNegatives: column("falseNegatives"),
      precision: column("precision"),
      recall: column("recall"),
    };
    sameLengths(columns, what);
    this.#record({
      kind: "prCurveRaw",
      tag: checkTag(tag),
      ...columns,
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
    this.#record({ kind: "layout", layout: structuredClone(layout), ...eventBase(undefined, undefined) });
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
    this.#record({
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
    this.#record({
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
    await Promise.all([this.#target?.flush(), this.#also?.flush()]);
  }

  /**
   * Ends this writer's own event files; the active experiment goes on. Resolves when they are complete. Like PyTorch's,
   * a writer that is used again opens a new file.
   */
  async close(): Promise<void> {
    const own = this.#own;
    if (own === undefined) return this.flush();
    if (this.#target === own) this.#target = undefined;
    this.#also = undefined;
    this.#own = undefined;
    await own.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #record(event: Event): void {
    let target = this.#target;
    if (target === undefined || target.ended) target = this.#bind();
    target.record(event);
    this.#also?.record(event);
  }

  /** Finds where calls go: the given or active experiment, and event files of its own if it has a folder or nothing else. */
  #bind(): Experiment {
    const experiment = this.#options.experiment ?? getActiveExperiment();
    if (this.#target?.ended && experiment === undefined) return this.#target;
    if (this.#own === undefined && (this.#logDir !== undefined || experiment === undefined))
      this.#own = this.#openFiles(experiment);
    this.#target = experiment ?? this.#own!;
    this.#also = experiment === undefined ? undefined : this.#own;
    return this.#target;
  }

  /** Event files of this writer's own; beside an experiment, the same ranks write them as log to it. */
  #openFiles(beside: Experiment | undefined): Experiment {
    const { comment, purgeStep, filenameSuffix } = this.#options;
    const options: StartOptions<"tensorboard"> = {
      system: false,
      git: false,
      environment: false,
      ...(beside !== undefined && { signals: beside.signals }),
      config: {
        ...(this.#logDir !== undefined && { logDir: this.#logDir }),
        ...(comment !== undefined && { comment }),
        ...(purgeStep !== undefined && { purgeStep }),
        ...(filenameSuffix !== undefined && { filenameSuffix }),
      },
    };
    return beside === undefined
      ? createExperiment("tensorboard", options)
      : createPlannedExperiment("tensorboard", options, beside.plan);
  }
}

function sameLengths(columns: { readonly [name: string]: { readonly length: number } }, what: string): void {
  const lengths = new Set(Object.values(columns).map(({ length }) => length));
  if (lengths.size <= 1) return;
  const listed = Object.entries(columns).map(([name, { length }]) => `${name} ${length}`);
  throw new TraceletError("invalid-value", `${what}: the columns differ in length (${listed.join(", ")})`);
}

/** Video files by their first bytes. */
function videoFormat(bytes: Uint8Array, what: string): string {
  const ascii = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (ascii(0, 4) === "GIF8") return "gif";
  if (ascii(4, 8) === "ftyp") return "mp4";
  if (bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3) return "webm";
  if (ascii(0, 4) === "OggS") return "ogg";
  throw new TraceletError("invalid-value", `${what}: these bytes are no GIF, MP4, WebM or Ogg file`);
}
