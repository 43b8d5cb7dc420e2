import { CustomChart } from "./media/custom-chart.js";
import { mediaError } from "./media/media-spec.js";
import { Table } from "./media/table.js";

export interface CurveOptions {
  /** Names of the classes 0, 1, 2 ...; default: the classes as they are. */
  labels?: readonly string[];
  /** Classes to draw; default: all that occur. */
  classesToPlot?: readonly (number | string)[];
  title?: string;
  splitTable?: boolean;
}

/** Rows of a chart's table. */
const MAX_ROWS = 10_000;

/**
 * Precision over recall for each class against the others.
 *
 * @param yTrue - the right class of each sample
 * @param yProbas - for each sample the scores of all classes, in the order of the sorted classes
 */
export function prCurve(
  yTrue: readonly (number | string)[],
  yProbas: readonly ArrayLike<number>[],
  options: CurveOptions & {
    /** Points of the recall axis, from 0 to 1; default 21. */
    interpSize?: number;
  } = {},
): CustomChart {
  const size = options.interpSize ?? 21;
  // numpy's linspace(0, 1, size), from the end.
  const axis = Array.from({ length: size }, (_, i) => (i === 0 ? 1 : (size - 1 - i) * (1 / (size - 1))));
  const columns = ["class", "precision", "recall"];
  const data = curves("plot.prCurve", yTrue, yProbas, options, (ranking) => {
    const { precision, recall } = precisionRecall(ranking);
    return axis.map((at) => [precision[recall.findIndex((value) => value >= at)]!, at]);
  });
  const strings = {
    title: options.title ?? "Precision-Recall Curve",
    "x-axis-title": "Recall",
    "y-axis-title": "Precision",
  };
  return areaChart(columns, data, { x: "recall", y: "precision", class: "class" }, strings, options);
}

/**
 * True positives over false positives for each class against the others.
 *
 * @param yTrue - the right class of each sample
 * @param yProbas - for each sample the scores of all classes, in the order of the sorted classes
 */
export function rocCurve(
  yTrue: readonly (number | string)[],
  yProbas: readonly ArrayLike<number>[],
  options: CurveOptions = {},
): CustomChart {
  const columns = ["class", "fpr", "tpr"];
  const data = curves("plot.rocCurve", yTrue, yProbas, options, (ranking) => rates(withoutCorners(ranking)));
  const strings = {
    title: options.title ?? "ROC Curve",
    "x-axis-title": "False positive rate",
    "y-axis-title": "True positive rate",
  };
  return areaChart(columns, data, { x: "fpr", y: "tpr", class: "class" }, strings, options);
}

/** False and true positives when the samples of at least each distinct score are taken as positive, highest first. */
interface Ranking {
  readonly fps: readonly number[];
  readonly tps: readonly number[];
}

function curves(
  what: string,
  yTrue: readonly (number | string)[],
  yProbas: readonly ArrayLike<number>[],
  options: CurveOptions,
  points: (ranking: Ranking) => readonly (readonly number[])[],
): (number | string)[][] {
  if (yTrue.length !== yProbas.length || yTrue.length === 0) {
    throw mediaError(
      `${what}: ${yTrue.length} right classes need as many rows of scores, got ${yProbas.length}.`,
    );
  }
  const classes = [...new Set(yTrue)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const short = yProbas.findIndex((scores) => scores.length < classes.length);
  if (short >= 0) {
    throw mediaError(
      `${what}: sample ${short} has ${yProbas[short]!.length} scores for ${classes.length} classes.`,
    );
  }
  return classes.flatMap((one, i) => {
    if (options.classesToPlot !== undefined && !options.classesToPlot.includes(one)) return [];
    const name = (typeof one === "number" ? options.labels?.[one] : undefined) ?? one;
    const ranking = rank(
      yTrue.map((actual) => actual === one),
      yProbas.map((scores) => scores[i]!),
    );
    return points(ranking).map((values) => [name, ...values.map(rounded)]);
  });
}

function rank(positive: readonly boolean[], scores: readonly number[]): Ranking {
  const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const fps: number[] = [];
  const tps: number[] = [];
  let hits = 0;
  order.forEach((sample, place) => {
    if (positive[sample]) hits++;
    const next = order[place + 1];
    if (next !== undefined && scores[next] === scores[sample]) return;
    tps.push(hits);
    fps.push(place + 1 - hits);
  });
  return { fps, tps };
}

/** By rising recall; precision never falls as the threshold rises, as W&B smooths it. */
function precisionRecall({ fps, tps }: Ranking): { precision: number[]; recall: number[] } {
  const total = tps.at(-1)!;
  const precision = tps.map((tp, i) => tp / (tp + fps[i]!));
  const recall = tps.map((tp) => (total === 0 ? 1 : tp / total));
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i]!, precision[i + 1]!);
  return { precision: [1, ...precision], recall: [0, ...recall] };
}

/** Leaves out points on the line between their neighbours, as scikit-learn does. */
function withoutCorners({ fps, tps }: Ranking): Ranking {
  if (fps.length <= 2) return { fps, tps };
  const bends = (counts: readonly number[], i: number): boolean =>
    counts[i + 1]! - 2 * counts[i]! + counts[i - 1]! !== 0;
  const kept = fps
    .map((_, i) => i)
    .filter((i) => i === 0 || i === fps.length - 1 || bends(fps, i) || bends(tps, i));
  return { fps: kept.map((i) => fps[i]!), tps: kept.map((i) => tps[i]!) };
}

function rates({ fps, tps }: Ranking): number[][] {
  const negatives = fps.at(-1)!;
  const positives = tps.at(-1)!;
  return [[0, 0], ...fps.map((fp, i) => [fp / negatives, tps[i]! / positives])];
}

/** To three places, halves to even, as pandas rounds. */
function rounded(value: number): number {
  const scaled = value * 1000;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0);
  return (up ? low + 1 : low) / 1000;
}

function areaChart(
  columns: readonly string[],
  rows: readonly (readonly (number | string)[])[],
  fields: { readonly [field: string]: string },
  strings: { readonly [field: string]: string },
  options: CurveOptions,
): CustomChart {
  // Evenly thinned out where W&B's pages would show only the first rows.
  const every = Math.ceil(rows.length / MAX_ROWS);
  const data = every > 1 ? rows.filter((_, i) => i % every === 0 || i === rows.length - 1) : rows;
  const mixed = new Set(rows.map(([name]) => typeof name)).size > 1;
  const table = new Table({ columns, data, allowMixedTypes: mixed });
  return new CustomChart(table, "wandb/area-under-curve/v0", fields, strings, options.splitTable ?? false);
}
