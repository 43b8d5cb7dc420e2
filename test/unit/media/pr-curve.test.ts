import { describe, expect, it } from "vitest";
import { prCurve } from "#src/media/pr-curve.js";
import { digestLike, draw, fixture, typed } from "./fixtures/numbers.js";

interface CurveCase {
  dtype: string;
  n: number;
  thresholds: number;
  weighted: boolean;
  kind: string;
  seed: number;
  rows: string[];
}

describe("prCurve", () => {
  it.each(fixture<CurveCase[]>("pr-curves"))(
    "equals numpy for $n $dtype predictions ($kind), $thresholds thresholds, weighted: $weighted",
    ({ dtype, n, thresholds, weighted, kind, seed, rows }) => {
      const predictions = typed(draw(kind, seed, n), dtype);
      const labels = draw("uniform", seed + 1000, n).map((value) => Math.floor(value * 2));
      const weights = weighted ? draw("uniform", seed + 2000, n) : undefined;
      const curve = prCurve(labels, predictions, thresholds, weights);
      expect(curve.map((row, index) => digestLike(rows[index]!, row))).toEqual(rows);
    },
  );

  it("keeps the meaning of the rows", () => {
    // Thresholds 0, 0.5, 1. At 0.5: the positives 0.9 and 0.5 are found, the negative 0.7 wrongly so.
    const labels = Uint8Array.of(1, 1, 0, 0);
    const [tp, fp, tn, fn, precision, recall] = prCurve(labels, Float64Array.of(0.9, 0.5, 0.7, 0.1), 3);
    expect([tp, fp, tn, fn].map((row) => [...row])).toEqual([
      [2, 2, 0],
      [2, 1, 0],
      [0, 1, 2],
      [0, 0, 2],
    ]);
    expect([...precision]).toEqual([0.5, 2 / 3, 0]);
    expect([...recall]).toEqual([1, 1, 0]);
  });

  it("leaves out predictions outside 0..1 and NaN", () => {
    const predictions = Float32Array.of(-0.1, 1.1, Number.NaN, Infinity, 1, 0);
    const [tp] = prCurve(Uint8Array.of(1, 1, 1, 1, 1, 1), predictions, 11);
    expect([tp[0], tp[10]]).toEqual([2, 1]);
  });

  it("limits thresholds to 127 and takes integer arrays", () => {
    const curve = prCurve(BigInt64Array.of(1n), BigInt64Array.of(1n), 1000);
    expect(curve.map((row) => row.length)).toEqual([127, 127, 127, 127, 127, 127]);
    expect(curve[0][126]).toBe(1);
  });

  it.each([
    [1, 2, 5, undefined],
    [2, 2, 5, 1],
    [1, 1, 0, undefined],
    [1, 1, 2.5, undefined],
    [1, 1, Number.NaN, undefined],
  ])(
    "refuses %i labels, %i predictions, %f thresholds, %s weights",
    (labels, predictions, thresholds, weights) => {
      const given = weights === undefined ? undefined : new Float32Array(weights);
      expect(() => prCurve(new Uint8Array(labels), new Float32Array(predictions), thresholds, given)).toThrow(
        expect.objectContaining({ code: "invalid-value" }),
      );
    },
  );
});
