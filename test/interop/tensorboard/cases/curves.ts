import type { Description } from "../values.js";
import { type Arguments, type Case, call, refused } from "./case.js";

const labels: Description = { $rand: [200], seed: 121, high: 2, dtype: "int64" };
const predictions: Description = { $rand: [200], seed: 122 };
const curve = (tag: string, more: Arguments = {}) =>
  call("add_pr_curve", { tag, labels, predictions, global_step: 1, ...more });

export const prCurveCases: readonly Case[] = [
  {
    name: "pr-curve-inputs",
    calls: [
      curve("float32"),
      curve("float64", { predictions: { $rand: [200], seed: 122, dtype: "float64" } }),
      curve("bool-labels", { labels: { $rand: [200], seed: 121, high: 2, dtype: "bool" } }),
      curve("float-labels", { labels: { $rand: [200], seed: 123 } }),
      curve("outside", { predictions: { $rand: [200], seed: 124, low: -0.2, high: 1.2 } }),
      curve("edges", { labels: { $array: [0, 1, 1], dtype: "int32" }, predictions: { $array: [0, 1, 0.5] } }),
    ],
  },
  {
    name: "pr-curve-thresholds",
    calls: [2, 5, 127, 200].map((num_thresholds) => curve(`n-${num_thresholds}`, { num_thresholds })),
  },
  {
    name: "pr-curve-weights",
    calls: [
      curve("weighted", { weights: { $rand: [200], seed: 125, dtype: "float64" } }),
      curve("all-positive", {
        labels: { $array: [1, 1], dtype: "int32" },
        predictions: { $array: [0.2, 0.9] },
      }),
      curve("all-negative", {
        labels: { $array: [0, 0], dtype: "int32" },
        predictions: { $array: [0.2, 0.9] },
      }),
    ],
  },
];

const rawCurve = {
  tag: "raw",
  true_positive_counts: { $array: [75, 64, 21, 5, 0] },
  false_positive_counts: { $array: [150, 105, 18, 0, 0] },
  true_negative_counts: { $array: [0, 45, 132, 150, 150] },
  false_negative_counts: { $array: [0, 11, 54, 70, 75] },
  precision: { $array: [0.3333333, 0.3786982, 0.5384616, 1, 0] },
  recall: { $array: [1, 0.8533334, 0.28, 0.0666667, 0] },
  global_step: 1,
  num_thresholds: 5,
} satisfies Arguments;

export const prCurveRawCases: readonly Case[] = [
  { name: "pr-curve-raw-plain", calls: [call("add_pr_curve_raw", rawCurve)] },
  {
    name: "pr-curve-raw-steps",
    calls: [1, 2, 3].map((step) => call("add_pr_curve_raw", { ...rawCurve, global_step: step })),
  },
  {
    name: "pr-curve-raw-thresholds",
    calls: [call("add_pr_curve_raw", { ...rawCurve, tag: "claims-200", num_thresholds: 200 })],
  },
];

const scalar = (tag: string, value: number, step: number) =>
  call("add_scalar", { tag, scalar_value: value, global_step: step });

export const customScalarsCases: readonly Case[] = [
  {
    name: "custom-scalars-layout",
    calls: [
      call("add_custom_scalars", {
        layout: {
          "Layout one": {
            losses: ["Multiline", ["loss/.*"]],
            band: ["Margin", ["acc", "acc/low", "acc/high"]],
          },
          "Layout ünï": { both: ["Multiline", ["loss/a", "loss/b"]] },
        },
      }),
      ...["loss/a", "loss/b", "acc", "acc/low", "acc/high"].map((tag, i) => scalar(tag, i, 1)),
    ],
  },
  {
    name: "custom-scalars-multiline",
    calls: [
      call("add_custom_scalars_multilinechart", {
        tags: ["twse/0050", "twse/2330"],
        category: "Lines",
        title: "two",
      }),
      scalar("twse/0050", 1, 1),
      scalar("twse/2330", 2, 1),
    ],
  },
  {
    name: "custom-scalars-margin",
    calls: [
      call("add_custom_scalars_marginchart", {
        tags: ["m/mid", "m/low", "m/high"],
        category: "Margins",
        title: "one",
      }),
      scalar("m/mid", 2, 1),
      scalar("m/low", 1, 1),
      scalar("m/high", 3, 1),
    ],
  },
  {
    name: "custom-scalars-defaults",
    calls: [call("add_custom_scalars_multilinechart", { tags: ["z"] }), scalar("z", 1, 1)],
  },
];

const vertices: Description = { $rand: [1, 6, 3], seed: 131, low: -1, high: 1 };
const mesh = (tag: string, more: Arguments = {}) =>
  call("add_mesh", { tag, vertices, global_step: 1, ...more });

export const meshCases: readonly Case[] = [
  {
    name: "mesh-parts",
    calls: [
      mesh("points"),
      mesh("colored", { colors: { $rand: [1, 6, 3], seed: 132, high: 256, dtype: "uint8" } }),
      mesh("faces", {
        faces: {
          $array: [
            [
              [0, 1, 2],
              [3, 4, 5],
            ],
          ],
          dtype: "int32",
        },
      }),
      mesh("all", {
        colors: { $rand: [1, 6, 3], seed: 133, high: 256, dtype: "int32" },
        faces: { $array: [[[0, 1, 2]]], dtype: "int64" },
      }),
    ],
  },
  {
    name: "mesh-config",
    calls: [
      mesh("camera", {
        config_dict: {
          material: { cls: "PointsMaterial", size: 0.05 },
          camera: { cls: "PerspectiveCamera", fov: 75 },
        },
      }),
      mesh("unicode", { config_dict: { name: "ünï", list: [1, 2.5, true, null] } }),
    ],
  },
  {
    name: "mesh-batches",
    calls: [
      mesh("two", { vertices: { $rand: [2, 4, 3], seed: 134 } }),
      mesh("two", { vertices: { $rand: [2, 4, 3], seed: 135 }, global_step: 2 }),
      mesh("a/b c", { vertices: { $arange: [1, 3, 3], dtype: "int32" } }),
    ],
  },
  {
    name: "mesh-refused",
    calls: [refused("add_mesh", { tag: "flat", vertices: { $rand: [6, 3], seed: 136 }, global_step: 1 })],
  },
];
