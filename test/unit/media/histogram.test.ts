import { describe, expect, it } from "vitest";
import type { HistogramBins } from "#src/events/event.js";
import { equalBins, tensorboardHistogram } from "#src/media/histogram.js";
import { pairwiseSum } from "#src/media/pairwise-sum.js";
import { digestLike, doublesFromBase64, draw, fixture, Random, typed } from "./fixtures/numbers.js";

interface HistogramCase {
  kind: string;
  seed: number;
  n: number;
  bins: HistogramBins;
  maxBins: number | null;
  single: boolean;
  error?: true;
  limits: string;
  counts: string;
  stats: string;
}

describe("tensorboardHistogram", () => {
  it("agrees with numpy to the last bit in limits and counts, for every rule and type", () => {
    const cases = fixture<HistogramCase[]>("histograms");
    expect(cases.length).toBeGreaterThan(300);
    for (const given of cases) {
      const values = typed(draw(given.kind, given.seed, given.n), given.single ? "float32" : "float64");
      const run = () => tensorboardHistogram(values, given.bins, given.maxBins ?? undefined);
      const name = JSON.stringify({ ...given, limits: undefined, counts: undefined, stats: undefined });
      if (given.error) {
        expect(run, name).toThrow(expect.objectContaining({ code: "invalid-value" }));
        continue;
      }
      const histogram = run();
      expect(digestLike(given.counts, histogram.bucketCounts), name).toBe(given.counts);
      expect(digestLike(given.limits, histogram.bucketLimits), name).toBe(given.limits);
      const [min, max, sum, sumSquares] = doublesFromBase64(given.stats);
      expect([histogram.num, histogram.min, histogram.max, histogram.sum], name).toEqual([
        given.n,
        min,
        max,
        sum,
      ]);
      // The order in which BLAS adds squares is its own.
      expect(Math.abs(histogram.sumSquares / sumSquares! - 1), name).toBeLessThan(1e-14);
    }
  });

  it("keeps the written examples of the reference", () => {
    const one = tensorboardHistogram(Float64Array.of(1), "tensorflow");
    expect([...one.bucketLimits]).toEqual([0.917246389039776, 1.0089710279437536]);
    expect([...one.bucketCounts]).toEqual([0, 1]);
    for (const zero of [0, -0]) {
      const histogram = tensorboardHistogram(Float32Array.of(zero), "tensorflow");
      expect([...histogram.bucketLimits]).toEqual([0, 1e-12]);
    }
    expect(
      tensorboardHistogram(draw("uniform", 1, 1000), "tensorflow", 100).bucketLimits.length,
    ).toBeLessThan(105);
  });

  it("counts NaN, infinities and what lies beyond the edges in the totals only", () => {
    const values = [1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e20, -1e20];
    for (const given of [Float32Array.from(values), Float64Array.from(values)]) {
      const histogram = tensorboardHistogram(given, "tensorflow");
      expect(histogram.num).toBe(7);
      expect(histogram.bucketCounts.reduce((sum, count) => sum + count)).toBe(2);
      expect([histogram.min, histogram.max, histogram.sum]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    }
    const infinite = tensorboardHistogram(Float64Array.of(1, Number.POSITIVE_INFINITY), "tensorflow");
    expect([infinite.min, infinite.max, infinite.sum]).toEqual([1, Infinity, Infinity]);
    const opposite = tensorboardHistogram(Float64Array.of(1, Infinity, -Infinity), "tensorflow");
    expect([opposite.min, opposite.max, opposite.sum]).toEqual([-Infinity, Infinity, Number.NaN]);
  });

  it("counts a value that equals the last default edge, and none beyond", () => {
    const last = 9.920775621859783e19;
    expect([...tensorboardHistogram(Float64Array.of(last), "tensorflow").bucketCounts]).toEqual([0, 1]);
    expect(() => tensorboardHistogram(Float64Array.of(last * (1 + 2 ** -52)), "tensorflow")).toThrow(
      "no value",
    );
  });

  it("places every default edge and its neighbours exactly, in both precisions", () => {
    const edges = [0];
    for (let edge = 1e-12; edge < 1e20; edge *= 1.1) edges.push(edge, -edge);
    edges.sort((a, b) => a - b);
    const bits = new BigInt64Array(1);
    const number = new Float64Array(bits.buffer);
    const values = edges.flatMap((edge) =>
      [-1n, 0n, 1n].map((shift) => {
        number[0] = edge;
        bits[0]! += edge === 0 ? 0n : shift;
        return number[0]!;
      }),
    );
    for (const given of [Float64Array.from(values), Float32Array.from(values)]) {
      for (const value of given) {
        if (Math.abs(value) > edges[edges.length - 1]!) continue;
        const histogram = tensorboardHistogram(
          given.constructor === Float32Array ? Float32Array.of(value) : Float64Array.of(value),
          "tensorflow",
        );
        const [low, high] = histogram.bucketLimits;
        const isLast = high === edges[edges.length - 1];
        expect(low! <= value && (value < high! || (isLast && value === high)), String(value)).toBe(true);
        expect(edges.indexOf(high!) - edges.indexOf(low!)).toBe(1);
      }
    }
  });

  it("agrees with a plain search on random bit patterns, NaN and infinities among them", () => {
    const random = new Random(5);
    const words = Uint32Array.from({ length: 40000 }, () => random.word());
    const edges: number[] = [];
    for (let edge = 1e-12; edge < 1e20; edge *= 1.1) edges.push(edge);
    const all = [...edges.map((edge) => -edge).reverse(), 0, ...edges];
    for (const values of [new Float32Array(words.buffer), new Float64Array(words.buffer)]) {
      const expected = tensorboardHistogram(values, all);
      const histogram = tensorboardHistogram(values, "tensorflow");
      expect(histogram.bucketLimits).toEqual(expected.bucketLimits);
      expect(histogram.bucketCounts).toEqual(expected.bucketCounts);
    }
  });

  it("takes integer and bigint arrays", () => {
    const expected = tensorboardHistogram(Float64Array.of(1, 2, 2, 250), "tensorflow");
    expect(tensorboardHistogram(Uint8Array.of(1, 2, 2, 250), "tensorflow")).toEqual(expected);
    expect(tensorboardHistogram(Int32Array.of(1, 2, 2, 250), "tensorflow")).toEqual(expected);
    expect(tensorboardHistogram(BigInt64Array.of(1n, 2n, 2n, 250n), "tensorflow")).toEqual(expected);
  });

  it("reads a view in the middle of a buffer", () => {
    const values = Float32Array.of(9, 9, 1, 9).subarray(2, 3);
    expect(tensorboardHistogram(values, "tensorflow").max).toBe(1);
    expect([...tensorboardHistogram(values, "tensorflow").bucketLimits]).toEqual([
      0.917246389039776, 1.0089710279437536,
    ]);
  });

  it.each([
    ["no values", [], "tensorflow", undefined],
    ["only NaN", [Number.NaN], "tensorflow", undefined],
    ["an unknown rule", [1], "constructor", undefined],
    ["no bins", [1], 0, undefined],
    ["half a bin", [1], 2.5, undefined],
    ["billions of bins", [1, 2], 1e12, undefined],
    ["NaN as number of bins", [1], Number.NaN, undefined],
    ["one edge", [1], [1], undefined],
    ["decreasing edges", [1], [1, 0], undefined],
    ["a NaN edge", [1], [0, Number.NaN, 2], undefined],
    ["equal bins over NaN", [1, Number.NaN], 10, undefined],
    ["equal bins over infinity", [1, Infinity], "auto", undefined],
    ["an unbounded spread", [-1.7e308, 1.7e308], 10, undefined],
    ["edges too close", [1, 1 + 2 ** -52], 10, undefined],
    ["outliers that ask for too many bins", [...draw("uniform", 3, 50), 1e15], "fd", undefined],
    ["maxBins of zero", [1], "tensorflow", 0],
  ])("refuses %s", (_name, values, bins, maxBins) => {
    expect(() => tensorboardHistogram(Float64Array.from(values), bins, maxBins)).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  });
});

describe("equalBins", () => {
  it("agrees with numpy.histogram", () => {
    type Case = { kind: string; seed: number; n: number; bins: number; range: [number, number] | null };
    for (const given of fixture<(Case & { edges: string; counts: string })[]>("equal-bins")) {
      const binned = equalBins(draw(given.kind, given.seed, given.n), given.bins, given.range ?? undefined);
      expect(digestLike(given.edges, binned.edges)).toBe(given.edges);
      expect(digestLike(given.counts, binned.counts)).toBe(given.counts);
    }
  });

  it("leaves out what is not finite", () => {
    const finite = Float64Array.of(0, 1, 1, 4);
    const mixed = Float32Array.of(Number.NaN, 0, 1, Infinity, 1, 4, -Infinity);
    expect(equalBins(mixed, 2)).toEqual(equalBins(finite, 2));
    expect(equalBins(mixed, 2)).toEqual({ edges: Float64Array.of(0, 2, 4), counts: Float64Array.of(3, 1) });
    expect([...equalBins(Float32Array.of(Number.NaN), 2).edges]).toEqual([0, 0.5, 1]);
  });

  it("refuses a range that is none", () => {
    for (const range of [
      [1, 0],
      [0, Infinity],
      [Number.NaN, 1],
    ] as [number, number][]) {
      expect(() => equalBins(Float64Array.of(1), 2, range)).toThrow(
        expect.objectContaining({ code: "invalid-value" }),
      );
    }
  });
});

describe("pairwiseSum", () => {
  it("agrees with numpy.sum to the last bit", () => {
    for (const { n, sum } of fixture<{ n: number; sum: string }[]>("sums")) {
      expect(pairwiseSum(draw("normal", n, n)), `${n} values`).toBe(doublesFromBase64(sum)[0]);
    }
  });
});
