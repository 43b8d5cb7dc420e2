import type {
  EmbeddingEvent,
  HistogramEvent,
  HistogramRawEvent,
  PrCurveEvent,
  PrCurveRawEvent,
  TableEvent,
} from "../../../src/events/event.js";
import type { Tensor } from "../../../src/events/tensor.js";
import { equalBins, tensorboardHistogram } from "../../../src/media/histogram.js";
import { toImages } from "../../../src/media/image-pixels.js";
import { prCurve } from "../../../src/media/pr-curve.js";
import { CustomChart } from "../media/custom-chart.js";
import type { HistogramJson } from "../media/histogram.js";
import { Image } from "../media/image.js";
import { Table } from "../media/table.js";

/** Bins that W&B shows at most, and by default. */
const MAX_BINS = 512;
const DEFAULT_BINS = 64;

/**
 * A distribution in bins of equal width: as many as the call says, else 64, since TensorBoard's own rule makes bins of
 * growing width that W&B does not draw well. Edges given by the caller are kept.
 */
export function histogramValue({ values, bins, maxBins }: HistogramEvent): HistogramJson {
  if (Array.isArray(bins)) {
    const { bucketLimits, bucketCounts } = tensorboardHistogram(values, bins, maxBins ?? MAX_BINS);
    // The first bucket is empty and carries the left edge.
    return json(Array.from(bucketCounts).slice(1), Array.from(bucketLimits));
  }
  const count = Math.min(typeof bins === "number" ? bins : DEFAULT_BINS, maxBins ?? MAX_BINS, MAX_BINS);
  const { counts, edges } = equalBins(values, count);
  return json(Array.from(counts), Array.from(edges));
}

/** Bins of the caller; neighbours are joined where there are more than W&B shows, and the outer edges are finite. */
export function histogramRawValue(event: HistogramRawEvent): HistogramJson {
  const { min, max, bucketLimits, bucketCounts } = event;
  const group = Math.ceil(bucketCounts.length / MAX_BINS);
  const first = Math.min(min, bucketLimits[0] ?? min);
  const counts: number[] = [];
  const edges = [first];
  for (let at = 0; at < bucketCounts.length; at += group) {
    const end = Math.min(at + group, bucketCounts.length);
    counts.push(bucketCounts.slice(at, end).reduce((sum, count) => sum + count, 0));
    const limit = bucketLimits[end - 1]!;
    edges.push(Number.isFinite(limit) && limit < Number.MAX_VALUE ? limit : Math.max(max, edges.at(-1)!));
  }
  return json(counts, edges);
}

function json(values: number[], bins: number[]): HistogramJson {
  return { _type: "histogram", values, bins };
}

/** The curve as W&B's own chart over a table with everything that was computed. */
export function prCurveValue(tag: string, event: PrCurveEvent | PrCurveRawEvent): CustomChart {
  const [tp, fp, tn, fn, precision, recall] =
    event.kind === "prCurve"
      ? prCurve(event.labels, event.predictions, event.numThresholds, event.weights)
      : ([
          event.truePositives,
          event.falsePositives,
          event.trueNegatives,
          event.falseNegatives,
          event.precision,
          event.recall,
        ] as const);
  const columns = ["class", "threshold", "precision", "recall", "tp", "fp", "tn", "fn"];
  const count = precision!.length;
  const data = Array.from({ length: count }, (_, i) => [
    tag,
    count === 1 ? 0 : i / (count - 1),
    precision![i]!,
    recall![i]!,
    tp![i]!,
    fp![i]!,
    tn![i]!,
    fn![i]!,
  ]);
  return new CustomChart(
    new Table({ columns, data }),
    "wandb/area-under-curve/v0",
    { x: "recall", y: "precision", class: "class" },
    { title: tag, "x-axis-title": "Recall", "y-axis-title": "Precision" },
  );
}

export function tableValue({ columns, rows }: TableEvent): Table {
  return new Table({ columns, data: rows, allowMixedTypes: true });
}

/** A row a point: what is known of it, its picture, its coordinates as D0, D1, ..., which W&B projects. */
export function embeddingValue(event: EmbeddingEvent): Table {
  const { points, metadata, metadataHeader, images } = event;
  const [count = 0, dimensions = 0] = points.shape;
  const names = metadata === undefined ? [] : (metadataHeader ?? ["label"]);
  const pictures = images === undefined ? undefined : picturesOf(images);
  const columns = [
    ...names,
    ...(pictures === undefined ? [] : ["image"]),
    ...Array.from({ length: dimensions }, (_, i) => `D${i}`),
  ];
  const table = new Table({ columns: unique(columns) });
  for (let i = 0; i < count; i++) {
    const coordinates = Array.from(
      points.data.slice(i * dimensions, (i + 1) * dimensions) as ArrayLike<number>,
      Number,
    );
    table.addData(
      ...names.map((_, column) => metadata?.[i]?.[column] ?? null),
      ...(pictures === undefined ? [] : [pictures[i]!]),
      ...coordinates,
    );
  }
  return table;
}

function picturesOf(images: Tensor): Image[] {
  return toImages({ tensor: images, layout: "NCHW" }).map(
    ({ pixels, width, height, channels }) =>
      new Image(pixels, { width, height, channels: channels === 3 ? 3 : 4 }),
  );
}

function unique(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let suffix = 2; seen.has(free); suffix++) free = `${name}_${suffix}`;
    seen.add(free);
    return free;
  });
}
