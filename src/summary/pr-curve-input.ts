import { TraceletError } from "../errors.js";
import type { PrCurveEvent, PrCurveRawEvent } from "../events/event.js";
import type { NumericArray } from "../events/tensor.js";
import { type TensorInput, toValues } from "../media/tensor-input.js";

/** Labels and predictions of a curve, one of each for every example. */
export function prCurveInput(
  given: { readonly labels: TensorInput; readonly predictions: TensorInput; readonly weights?: TensorInput },
  numThresholds: number,
  what: string,
): Pick<PrCurveEvent, "labels" | "predictions" | "weights" | "numThresholds"> {
  const columns: { labels: NumericArray; predictions: NumericArray; weights?: NumericArray } = {
    labels: toValues(given.labels, `${what} labels`),
    predictions: toValues(given.predictions, `${what} predictions`),
    ...(given.weights !== undefined && { weights: toValues(given.weights, `${what} weights`) }),
  };
  checkLengths(columns, what);
  if (!Number.isInteger(numThresholds) || numThresholds < 2) {
    throw new TraceletError(
      "invalid-value",
      `${what}: numThresholds must be an integer of at least 2, not ${numThresholds}`,
    );
  }
  return { ...columns, numThresholds };
}

/** The columns of a curve that is computed already. */
export type PrCurveColumns = {
  readonly [Column in
    | "truePositives"
    | "falsePositives"
    | "trueNegatives"
    | "falseNegatives"
    | "precision"
    | "recall"]: TensorInput;
};

export function prCurveRawInput(
  curve: PrCurveColumns,
  what: string,
): Pick<PrCurveRawEvent, keyof PrCurveColumns> {
  const column = (name: keyof PrCurveColumns) =>
    Array.from(toValues(curve[name], `${what} ${name}`) as ArrayLike<number | bigint>, Number);
  const columns = {
    truePositives: column("truePositives"),
    falsePositives: column("falsePositives"),
    trueNegatives: column("trueNegatives"),
    falseNegatives: column("falseNegatives"),
    precision: column("precision"),
    recall: column("recall"),
  };
  checkLengths(columns, what);
  return columns;
}

function checkLengths(columns: { readonly [name: string]: { readonly length: number } }, what: string): void {
  const lengths = new Set(Object.values(columns).map(({ length }) => length));
  if (lengths.size <= 1) return;
  const listed = Object.entries(columns).map(([name, { length }]) => `${name} ${length}`);
  throw new TraceletError("invalid-value", `${what}: the columns differ in length (${listed.join(", ")})`);
}
