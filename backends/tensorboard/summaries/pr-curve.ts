import type { PrCurveEvent, PrCurveRawEvent } from "../../../src/events/event.js";
import { prCurve } from "../../../src/media/pr-curve.js";
import type { ValueMessage } from "../messages.js";
import { encodeMessage } from "../schema.js";
import { floatTensor } from "./tensor.js";

/** torch's limit, taken over so that both give the same curve. */
const MAX_THRESHOLDS = 127;

/** Rows are true and false positives, true and false negatives, precision, recall; one column a threshold. */
function curveValue(tag: string, rows: readonly ArrayLike<number>[], numThresholds: number): ValueMessage {
  const columns = rows[0]!.length;
  const data = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) data.set(row, i * columns);
  return {
    tag,
    tensor: floatTensor([rows.length, columns], data),
    metadata: {
      pluginData: { pluginName: "pr_curves", content: encodeMessage("PrCurveData", { numThresholds }) },
    },
  };
}

/** A precision-recall curve of labels and predictions (`add_pr_curve`). */
export function prCurveValue(event: PrCurveEvent): ValueMessage {
  const numThresholds = Math.min(event.numThresholds, MAX_THRESHOLDS);
  const rows = prCurve(event.labels, event.predictions, numThresholds, event.weights);
  return curveValue(event.tag, rows, numThresholds);
}

/** A precision-recall curve computed by the caller (`add_pr_curve_raw`). */
export function prCurveRawValue(event: PrCurveRawEvent): ValueMessage {
  const rows = [
    event.truePositives,
    event.falsePositives,
    event.trueNegatives,
    event.falseNegatives,
    event.precision,
    event.recall,
  ];
  return curveValue(event.tag, rows, Math.min(event.numThresholds, MAX_THRESHOLDS));
}
