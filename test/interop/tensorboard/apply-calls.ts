import type { Call, Case } from "./cases/case.js";
import { caseFolder, type Folders } from "./observe.js";
import { type CaseValue, type Decoded, decodeValue } from "./values.js";

/** The public surface of `tracelet.SummaryWriter`, as far as the cases use it. */
export interface WriterUnderTest {
  addScalar(tag: string, value: Decoded, step?: number, wallTime?: number): void;
  addScalars(mainTag: string, values: Decoded, step?: number, wallTime?: number): void;
  addHistogram(tag: string, values: Decoded, step?: number, options?: Options): void;
  addHistogramRaw(tag: string, histogram: Options, step?: number, options?: Options): void;
  addTensor(tag: string, tensor: Decoded, step?: number, options?: Options): void;
  addImage(tag: string, image: Decoded, step?: number, options?: Options): void;
  addImages(tag: string, images: Decoded, step?: number, options?: Options): void;
  addImageWithBoxes(tag: string, image: Decoded, boxes: Decoded, step?: number, options?: Options): void;
  addFigure(tag: string, figure: Decoded, step?: number, options?: Options): void;
  addVideo(tag: string, video: Decoded, step?: number, options?: Options): void;
  addAudio(tag: string, samples: Decoded, step?: number, options?: Options): void;
  addText(tag: string, text: Decoded, step?: number, options?: Options): void;
  addGraph(graph: Decoded): void;
  addEmbedding(points: Decoded, options?: Options): void;
  addPrCurve(tag: string, labels: Decoded, predictions: Decoded, step?: number, options?: Options): void;
  addPrCurveRaw(tag: string, curve: Options, step?: number, options?: Options): void;
  addCustomScalars(layout: Decoded): void;
  addCustomScalarsMultilineChart(tags: Decoded, options?: Options): void;
  addCustomScalarsMarginChart(tags: Decoded, options?: Options): void;
  addMesh(tag: string, vertices: Decoded, step?: number, options?: Options): void;
  addHparams(hparams: Decoded, metrics: Decoded, options?: Options): void;
  flush(): unknown;
  close(): Promise<unknown>;
}

type Options = { readonly [name: string]: Decoded };
export type WriterClass = new (logDir: string, options?: Options) => WriterUnderTest;

/** Torch's argument names to ours; a name that is not here is the same word in camelCase. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  walltime: "wallTime",
  global_step: "step",
  label_img: "labelImages",
  config_dict: "config",
  hparam_domain_discrete: "domainDiscrete",
  true_positive_counts: "truePositives",
  false_positive_counts: "falsePositives",
  true_negative_counts: "trueNegatives",
  false_negative_counts: "falseNegatives",
};
const camelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const ownName = (name: string) => OWN_NAMES[name] ?? camelCase(name);

/** The arguments of one call, taken out by torch's names; what is left are options. */
class CallArguments {
  readonly #left: Map<string, Decoded>;

  constructor(call: Call, inputs: string) {
    const entries = Object.entries(call.kwargs) as [string, CaseValue][];
    this.#left = new Map(entries.map(([name, value]) => [name, decodeValue(value, inputs)]));
  }

  take(name: string): Decoded {
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value as Decoded;
  }

  get tag(): string {
    return this.take("tag") as string;
  }

  get step(): number | undefined {
    return this.take("global_step") as number | undefined;
  }

  /** Some arguments as one object, under our names. */
  together(...names: string[]): Options {
    return Object.fromEntries(names.map((name) => [ownName(name), this.take(name)]));
  }

  get options(): Options {
    return this.together(...this.#left.keys());
  }
}

/** A node of the graph cases under our names. */
const ownNode = (node: Decoded): Decoded =>
  Object.fromEntries(Object.entries(node as Options).map(([name, value]) => [camelCase(name), value]));

type Apply = (writer: WriterUnderTest, given: CallArguments) => unknown;
const RAW_HISTOGRAM = ["min", "max", "num", "sum", "sum_squares", "bucket_limits", "bucket_counts"];
const RAW_CURVE = [
  ...["true_positive_counts", "false_positive_counts", "true_negative_counts", "false_negative_counts"],
  ...["precision", "recall"],
];

/** Every method of torch's writer as a call of ours: the one place that knows both signatures. */
const METHODS: Readonly<Record<string, Apply>> = {
  add_scalar: (w, a) => w.addScalar(a.tag, a.take("scalar_value"), a.step, a.take("walltime") as number),
  add_scalars: (w, a) =>
    w.addScalars(
      a.take("main_tag") as string,
      a.take("tag_scalar_dict"),
      a.step,
      a.take("walltime") as number,
    ),
  add_histogram: (w, a) => w.addHistogram(a.tag, a.take("values"), a.step, a.options),
  add_histogram_raw: (w, a) => w.addHistogramRaw(a.tag, a.together(...RAW_HISTOGRAM), a.step, a.options),
  add_tensor: (w, a) => w.addTensor(a.tag, a.take("tensor"), a.step, a.options),
  add_image: (w, a) => w.addImage(a.tag, a.take("img_tensor"), a.step, a.options),
  add_images: (w, a) => w.addImages(a.tag, a.take("img_tensor"), a.step, a.options),
  add_image_with_boxes: (w, a) =>
    w.addImageWithBoxes(a.tag, a.take("img_tensor"), a.take("box_tensor"), a.step, a.options),
  add_figure: (w, a) => w.addFigure(a.tag, a.take("figure"), a.step, a.options),
  add_video: (w, a) => w.addVideo(a.tag, a.take("vid_tensor"), a.step, a.options),
  add_audio: (w, a) => w.addAudio(a.tag, a.take("snd_tensor"), a.step, a.options),
  add_text: (w, a) => w.addText(a.tag, a.take("text_string"), a.step, a.options),
  add_graph: (w, a) => w.addGraph((a.take("nodes") as readonly Decoded[]).map(ownNode)),
  add_onnx_graph: (w, a) => w.addGraph({ onnx: a.take("prototxt") }),
  add_embedding: (w, a) => w.addEmbedding(a.take("mat"), a.options),
  add_pr_curve: (w, a) => w.addPrCurve(a.tag, a.take("labels"), a.take("predictions"), a.step, a.options),
  add_pr_curve_raw: (w, a) => w.addPrCurveRaw(a.tag, a.together(...RAW_CURVE), a.step, a.options),
  add_custom_scalars: (w, a) => w.addCustomScalars(a.take("layout")),
  add_custom_scalars_multilinechart: (w, a) => w.addCustomScalarsMultilineChart(a.take("tags"), a.options),
  add_custom_scalars_marginchart: (w, a) => w.addCustomScalarsMarginChart(a.take("tags"), a.options),
  add_mesh: (w, a) => w.addMesh(a.tag, a.take("vertices"), a.step, a.options),
  add_hparams: (w, a) => w.addHparams(a.take("hparam_dict"), a.take("metric_dict"), a.options),
  flush: (w) => w.flush(),
};

const codeOf = (error: unknown) =>
  error instanceof Error && error.name === "TraceletError"
    ? String((error as Error & { code?: string }).code)
    : undefined;

function applyCall(writer: WriterUnderTest, call: Call, inputs: string): unknown {
  const apply = METHODS[call.method];
  if (apply === undefined) throw new Error(`no method for ${call.method}`);
  return apply(writer, new CallArguments(call, inputs));
}

/** Has our writer write a case into its folder. Returns the codes of the refusals; any other trouble is thrown. */
export async function writeWithOurs(Writer: WriterClass, each: Case, folders: Folders): Promise<string[]> {
  const refusals: string[] = [];
  const open = (given: Call["kwargs"]) =>
    new Writer(
      caseFolder(each, folders),
      new CallArguments({ method: "new", kwargs: given }, folders.inputs).options,
    );
  let writer = open(each.writer ?? {});
  try {
    for (const call of each.calls) {
      if (call.method === "reopen") {
        await writer.close();
        writer = open(call.kwargs);
        continue;
      }
      try {
        await applyCall(writer, call, folders.inputs);
      } catch (error) {
        const code = codeOf(error);
        if (!call.throws || code === undefined) throw error;
        refusals.push(code);
        continue;
      }
      if (call.throws) {
        throw new Error(
          `${call.method} took what it must refuse: ${JSON.stringify(call.kwargs).slice(0, 200)}`,
        );
      }
    }
  } finally {
    await writer.close();
  }
  return refusals;
}
