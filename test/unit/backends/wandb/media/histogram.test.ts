import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Histogram } from "#backends/wandb/media/histogram.js";

// numpy's own results; histograms.py wrote them.
const cases: { values: number[]; single?: true; bins: number; counts: number[]; edges: number[] }[] =
  JSON.parse(readFileSync(new URL("../fixtures/histograms.json", import.meta.url), "utf8"));

describe("Histogram", () => {
  it.each(cases)("bins as numpy: $bins bins", ({ values, single, bins, counts, edges }) => {
    const input = single ? Float32Array.from(values) : values;
    expect(new Histogram(input, { numBins: bins }).toJson()).toEqual({
      _type: "histogram",
      values: counts,
      bins: edges,
    });
  });

  it("has 64 bins by default and takes counts and edges as they are", () => {
    expect(new Histogram(new Float32Array([1, 2])).toJson().values).toHaveLength(64);
    expect(new Histogram(new BigInt64Array([1n, 2n]), { numBins: 1 }).toJson().values).toEqual([2]);
    expect(
      new Histogram({
        npHistogram: [
          [1, 2],
          [0, 1, 5],
        ],
      }).toJson(),
    ).toEqual({
      _type: "histogram",
      values: [1, 2],
      bins: [0, 1, 5],
    });
  });

  it("leaves out what is not finite", () => {
    expect(
      new Histogram([1, Number.NaN, 3, Number.POSITIVE_INFINITY], { numBins: 2 }).toJson().values,
    ).toEqual([1, 1]);
  });

  it("bins float32 values that lie too close for float32 edges in double precision", () => {
    const close = Float32Array.of(1, 1 + 2 ** -23);
    expect(new Histogram(close, { numBins: 4 }).toJson().values).toEqual([1, 0, 0, 1]);
  });

  it.each([
    [() => new Histogram([1], { numBins: 513 }), /1 to 512 bins, got 513/],
    [() => new Histogram({ npHistogram: [[1], [0]] }), /1 counts need 2 bin edges, got 1/],
  ])("refuses with the rule %#", (make, message) => {
    expect(make).toThrow(message);
  });
});
