import { CustomChart } from "./media/custom-chart.js";
import { mediaError } from "./media/media-spec.js";
import { Table } from "./media/table.js";

export { prCurve, rocCurve } from "./plot-curves.js";

/** What every chart may have. */
export interface ChartOptions {
  title?: string;
  /** Shows the chart's table in a section of its own. */
  splitTable?: boolean;
}

/**
 * Lines through the points of a table.
 *
 * @example
 * ```ts
 * const table = new wandb.Table({ columns: ["step", "loss"], data: [[0, 1], [1, 0.5]] });
 * run.log({ curve: wandb.plot.line(table, "step", "loss", { title: "Loss" }) });
 * ```
 */
export function line(
  table: Table,
  x: string,
  y: string,
  options: ChartOptions & {
    /** Column that tells the lines apart. */
    stroke?: string;
  } = {},
): CustomChart {
  const stroke = options.stroke ?? null;
  return chart(table, "wandb/line/v0", { x, y, stroke }, options);
}

/** A chart by a Vega-Lite specification that W&B knows by name, e.g. one made on its pages. */
export function plotTable(
  specName: string,
  table: Table,
  fields: { readonly [field: string]: string },
  stringFields: { readonly [field: string]: string } = {},
  options: { splitTable?: boolean } = {},
): CustomChart {
  return new CustomChart(table, specName, fields, stringFields, options.splitTable ?? false);
}

/** A point for each row of a table. */
export function scatter(table: Table, x: string, y: string, options: ChartOptions = {}): CustomChart {
  return chart(table, "wandb/scatter/v0", { x, y }, options);
}

/** A bar for each row of a table. */
export function bar(table: Table, label: string, value: string, options: ChartOptions = {}): CustomChart {
  return chart(table, "wandb/bar/v0", { label, value }, options);
}

/** How the values of a column are distributed. */
export function histogram(table: Table, value: string, options: ChartOptions = {}): CustomChart {
  return chart(table, "wandb/histogram/v0", { value }, options);
}

/**
 * Several lines over one x axis, or over an axis of their own each.
 *
 * @param xs - x values of all lines, or an array of them for each line
 * @param ys - y values of each line
 */
export function lineSeries(
  xs: readonly number[] | readonly (readonly number[])[],
  ys: readonly (readonly number[])[],
  options: ChartOptions & {
    /** Names of the lines; default `line_0`, `line_1` ... */
    keys?: readonly string[];
    /** Name of the x axis; default `x`. */
    xname?: string;
  } = {},
): CustomChart {
  const axes = Array.isArray(xs[0])
    ? (xs as readonly (readonly number[])[])
    : ys.map(() => xs as readonly number[]);
  const keys = options.keys ?? ys.map((_, i) => `line_${i}`);
  if (axes.length !== ys.length)
    throw mediaError(`plot.lineSeries: ${ys.length} lines need as many x arrays, got ${axes.length}.`);
  if (keys.length !== ys.length)
    throw mediaError(`plot.lineSeries: ${ys.length} lines need as many keys, got ${keys.length}.`);
  const data = ys.flatMap((line, i) => {
    const points = Math.min(line.length, axes[i]!.length);
    return Array.from({ length: points }, (_, k) => [axes[i]![k], keys[i], line[k]]);
  });
  const table = new Table({ columns: ["step", "lineKey", "lineVal"], data });
  const strings = { title: options.title ?? "", xname: options.xname ?? "x" };
  return new CustomChart(
    table,
    "wandb/lineseries/v0",
    { step: "step", lineKey: "lineKey", lineVal: "lineVal" },
    strings,
    options.splitTable ?? false,
  );
}

/** What `confusionMatrix` draws: either guesses or probabilities. */
export interface ConfusionMatrixOptions extends ChartOptions {
  /** The right class of each sample. */
  yTrue: readonly number[];
  /** The class that was predicted, or `probs`. */
  preds?: readonly number[];
  /** Scores of all classes for each sample; the highest one counts. */
  probs?: readonly ArrayLike<number>[];
  /** Names of the classes 0, 1, 2 ...; default `Class_1` and so on for the classes that occur. */
  classNames?: readonly string[];
}

/** How often each class was predicted for each right class. */
export function confusionMatrix(options: ConfusionMatrixOptions): CustomChart {
  const { yTrue, probs } = options;
  if ((options.preds === undefined) === (probs === undefined)) {
    throw mediaError("plot.confusionMatrix: give preds or probs, and not both.");
  }
  const preds = options.preds ?? probs!.map(indexOfGreatest);
  if (preds.length !== yTrue.length) {
    throw mediaError(
      `plot.confusionMatrix: ${yTrue.length} right classes need as many predictions, got ${preds.length}.`,
    );
  }
  const found = [...new Set([...preds, ...yTrue])].sort((a, b) => a - b);
  const classes = options.classNames === undefined ? found : options.classNames.map((_, i) => i);
  const names = options.classNames ?? found.map((_, i) => `Class_${i + 1}`);
  const unknown = found.find((one) => !classes.includes(one));
  if (unknown !== undefined) {
    throw mediaError(
      `plot.confusionMatrix: the class ${unknown} has no name; there are ${names.length} classNames, for 0 to ${names.length - 1}.`,
    );
  }
  const counts = classes.map(() => new Array<number>(classes.length).fill(0));
  yTrue.forEach((actual, i) => {
    counts[classes.indexOf(actual)]![classes.indexOf(preds[i]!)]!++;
  });
  const data = names.flatMap((actual, i) => names.map((predicted, k) => [actual, predicted, counts[i]![k]!]));
  const columns = ["Actual", "Predicted", "nPredictions"];
  return new CustomChart(
    new Table({ columns, data }),
    "wandb/confusion_matrix/v1",
    Object.fromEntries(columns.map((column) => [column, column])),
    { title: options.title ?? "Confusion Matrix Curve" },
    options.splitTable ?? false,
  );
}

function chart(
  table: Table,
  specName: string,
  fields: { readonly [field: string]: string | null },
  options: ChartOptions,
): CustomChart {
  if (!(table instanceof Table)) {
    throw mediaError("plot: the first argument is a table, as of new wandb.Table({ columns, data }).");
  }
  for (const [field, column] of Object.entries(fields)) {
    if (column !== null && !table.columns.includes(column)) {
      throw mediaError(
        `plot: ${field} is "${column}", which is none of the table's columns ${table.columns.join(", ")}.`,
      );
    }
  }
  return new CustomChart(
    table,
    specName,
    fields,
    { title: options.title ?? "" },
    options.splitTable ?? false,
  );
}

function indexOfGreatest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
