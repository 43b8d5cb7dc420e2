import type { Description } from "../values.js";
import { type Case, call, refused } from "./case.js";

const normal: Description = { $normal: [500], seed: 11, mean: 0.5, std: 2 };
const skewed: Description = { $rand: [331], seed: 12, low: 1, high: 40 };
const histogram = (tag: string, values: Description, more: Record<string, number | string | number[]> = {}) =>
  call("add_histogram", { tag, values, global_step: 1, ...more });

export const histogramCases: readonly Case[] = [
  {
    name: "histogram-default-bins",
    calls: [
      histogram("normal", normal),
      histogram("skewed", skewed),
      histogram("one", { $array: [1] }),
      histogram("zero", { $array: [0, 0, 0] }),
      histogram("tiny", { $array: [1e-13, -1e-13, 1e-12] }),
      histogram("wide", { $array: [-9e19, -1, 0, 1, 9e19], dtype: "float64" }),
    ],
  },
  {
    name: "histogram-input-types",
    calls: [
      histogram("float64", { $normal: [200], seed: 13, dtype: "float64" }),
      histogram("matrix", { $normal: [10, 20], seed: 14 }),
      histogram("rank-0", { $array: 2.5 }),
      histogram("int32", { $rand: [100], seed: 15, low: -50, high: 50, dtype: "int32" }),
      histogram("int64", { $rand: [100], seed: 16, low: -5, high: 5, dtype: "int64" }),
      histogram("uint8", { $rand: [100], seed: 17, high: 256, dtype: "uint8" }),
      histogram("bool", { $rand: [100], seed: 18, low: 0, high: 2, dtype: "bool" }),
    ],
  },
  {
    name: "histogram-not-finite",
    calls: [
      histogram("nan", { $array: [1, "NaN", 2] }),
      histogram("infinite", { $array: [1, "Infinity", 2] }),
      histogram("both-infinite", { $array: [1, "Infinity", "-Infinity"] }),
      histogram("beyond-the-edges", { $array: [1, 1e20, -1e30], dtype: "float64" }),
    ],
  },
  ...["auto", "fd", "doane", "scott", "stone", "rice", "sturges", "sqrt"].map(
    (bins): Case => ({
      name: `histogram-bins-${bins}`,
      calls: [
        histogram("normal", normal, { bins }),
        histogram("skewed", skewed, { bins }),
        histogram("few", { $array: [1, 2, 2, 3, 9], dtype: "float64" }, { bins }),
        histogram("same", { $array: [4, 4, 4, 4], dtype: "float64" }, { bins }),
        histogram("integers", { $arange: [40], dtype: "float64" }, { bins }),
      ],
    }),
  ),
  {
    name: "histogram-bins-count",
    calls: [
      histogram("ten", normal, { bins: 10 }),
      histogram("one", normal, { bins: 1 }),
      histogram("many", normal, { bins: 1000 }),
      histogram("same", { $array: [3, 3] }, { bins: 4 }),
    ],
  },
  {
    name: "histogram-bins-edges",
    calls: [
      histogram("even", normal, { bins: [-4, -2, 0, 2, 4] }),
      histogram("uneven", normal, { bins: [-1, -0.5, 0, 3] }),
      histogram("right-edge", { $array: [0, 1, 2, 2] }, { bins: [0, 1, 2] }),
      histogram("repeated-edge", { $array: [0, 1, 1, 2] }, { bins: [0, 1, 1, 2] }),
    ],
  },
  {
    name: "histogram-max-bins",
    calls: [
      histogram("default", normal, { max_bins: 100 }),
      histogram("seven", normal, { max_bins: 7 }),
      histogram("count", normal, { bins: 64, max_bins: 10 }),
      histogram("not-reached", normal, { bins: 8, max_bins: 10 }),
      histogram("edges", skewed, { bins: [0, 5, 10, 15, 20, 25, 30, 35, 40], max_bins: 3 }),
    ],
  },
  {
    name: "histogram-series",
    // more than the 51 points of the histogram page
    calls: Array.from({ length: 60 }, (_, i) =>
      call("add_histogram", { tag: "w", values: { $normal: [40], seed: i, mean: i / 10 }, global_step: i }),
    ),
  },
  {
    name: "histogram-refused",
    calls: [
      refused("add_histogram", { tag: "empty", values: { $arange: [0] }, global_step: 1 }),
      refused("add_histogram", { tag: "rule", values: normal, global_step: 1, bins: "no-such-rule" }),
      refused("add_histogram", { tag: "edges", values: normal, global_step: 1, bins: [3, 1, 2] }),
    ],
  },
];

const raw = {
  tag: "raw",
  min: 0,
  max: 5.5,
  num: 6,
  sum: 13.25,
  sum_squares: 40.5,
  bucket_limits: [1, 2, 3, 6],
  bucket_counts: [1, 2, 0, 3],
  global_step: 2,
};

export const histogramRawCases: readonly Case[] = [
  { name: "histogram-raw-plain", calls: [call("add_histogram_raw", raw)] },
  {
    name: "histogram-raw-extremes",
    calls: [
      call("add_histogram_raw", { ...raw, tag: "open", bucket_limits: [-1, 0, 1, 1.7e308] }),
      call("add_histogram_raw", { ...raw, tag: "empty-buckets", bucket_counts: [0, 0, 6, 0] }),
      call("add_histogram_raw", { ...raw, tag: "nan", sum: { $num: "NaN" }, min: { $num: "-Infinity" } }),
      call("add_histogram_raw", { ...raw, tag: "all-empty", bucket_counts: [0, 0, 0, 0], num: 0 }),
    ],
  },
  {
    name: "histogram-raw-refused",
    calls: [
      refused("add_histogram_raw", { ...raw, bucket_counts: [1, 2, 3] }),
      call("add_histogram_raw", { ...raw, global_step: 3 }),
    ],
  },
];
