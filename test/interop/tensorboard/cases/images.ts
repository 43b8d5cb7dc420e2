import type { Description } from "../values.js";
import { type Case, call, refused } from "./case.js";

const bytes = (shape: number[], seed: number): Description => ({
  $rand: shape,
  seed,
  high: 256,
  dtype: "uint8",
});
const floats = (shape: number[], seed: number): Description => ({ $rand: shape, seed });
const image = (tag: string, img_tensor: Description, dataformats?: string) =>
  call("add_image", { tag, img_tensor, global_step: 1, ...(dataformats !== undefined && { dataformats }) });
const images = (tag: string, img_tensor: Description, dataformats?: string) =>
  call("add_images", { tag, img_tensor, global_step: 1, ...(dataformats !== undefined && { dataformats }) });

export const imageCases: readonly Case[] = [
  {
    name: "image-layouts",
    calls: [
      image("default", bytes([3, 5, 7], 21)),
      image("CHW", bytes([3, 5, 7], 22), "CHW"),
      image("HWC", bytes([5, 7, 3], 23), "HWC"),
      image("lower-case", bytes([5, 7, 3], 23), "hwc"),
      image("CWH", bytes([3, 7, 5], 24), "CWH"),
      image("WHC", bytes([7, 5, 3], 25), "WHC"),
      image("HW", bytes([5, 7], 26), "HW"),
      image("WH", bytes([7, 5], 27), "WH"),
    ],
  },
  {
    name: "image-channels",
    calls: [
      image("one", bytes([1, 4, 6], 28)),
      image("two", bytes([2, 4, 6], 29)),
      image("four", bytes([4, 4, 6], 30)),
      image("four-last", bytes([4, 6, 4], 31), "HWC"),
    ],
  },
  {
    name: "image-types",
    calls: [
      image("float32", floats([3, 8, 8], 32)),
      image("float64", { $rand: [3, 8, 8], seed: 33, dtype: "float64" }),
      image("outside", { $rand: [3, 8, 8], seed: 34, low: -0.5, high: 1.5 }),
      image("halves", { $array: [[0, 0.5, 1, 0.25]] }, "HW"),
      image("int32", { $array: [[0, 1, 2, -1]], dtype: "int32" }, "HW"),
      image("bool", { $array: [[0, 1, 1, 0]], dtype: "bool" }, "HW"),
      image("large", bytes([3, 64, 96], 35)),
    ],
  },
  {
    name: "image-series",
    // more than the ten pictures both readers keep
    calls: Array.from({ length: 14 }, (_, i) =>
      call("add_image", { tag: "sample", img_tensor: bytes([3, 2, 2], 100 + i), global_step: i }),
    ),
  },
  {
    name: "image-refused",
    calls: [
      refused("add_image", { tag: "rank", img_tensor: bytes([3, 5, 7], 36), dataformats: "HW" }),
      refused("add_image", { tag: "twice", img_tensor: bytes([3, 5, 7], 36), dataformats: "HHC" }),
      refused("add_image", { tag: "five", img_tensor: bytes([5, 5, 7], 36) }),
    ],
  },
];

export const imagesCases: readonly Case[] = [
  {
    name: "images-grids",
    calls: [1, 2, 5, 8, 9, 17].map((count) => images(`of-${count}`, bytes([count, 3, 4, 6], 40 + count))),
  },
  {
    name: "images-layouts",
    calls: [
      images("NHWC", bytes([3, 4, 6, 3], 61), "NHWC"),
      images("one-channel", bytes([5, 1, 4, 6], 62)),
      images("CHWN", bytes([3, 4, 6, 2], 63), "CHWN"),
    ],
  },
  {
    name: "images-types",
    calls: [
      images("float32", floats([4, 3, 5, 5], 64)),
      images("outside", { $rand: [2, 3, 5, 5], seed: 65, low: -1, high: 2 }),
      images("bool", { $rand: [2, 1, 5, 5], seed: 66, high: 2, dtype: "bool" }),
    ],
  },
];

const boxes: Description = {
  $array: [
    [2, 3, 20, 15],
    [10, 8, 30, 25],
  ],
};
const boxed = (tag: string, more: Record<string, Description | number | string | string[]> = {}) =>
  call("add_image_with_boxes", {
    tag,
    img_tensor: bytes([3, 32, 40], 71),
    box_tensor: boxes,
    global_step: 1,
    ...more,
  });

export const boxesCases: readonly Case[] = [
  {
    name: "boxes-outlines",
    calls: [boxed("plain"), boxed("last", { img_tensor: bytes([32, 40, 3], 72), dataformats: "HWC" })],
    exceptions: ["drawn-pixels"],
  },
  {
    name: "boxes-labels",
    calls: [
      boxed("named", { labels: ["cat", "dog"] }),
      { ...boxed("wrong-count", { labels: ["cat"] }), throws: true },
    ],
    torch: {
      calls: [boxed("named", { labels: ["cat", "dog"] })],
      because: "torch drops all labels in silence when their number is wrong; we refuse the call",
    },
    exceptions: ["drawn-pixels"],
  },
  {
    name: "boxes-rescaled",
    calls: [boxed("half", { rescale: 0.5 }), boxed("double", { rescale: 2 })],
    exceptions: ["drawn-pixels"],
  },
];

const figure = (tag: string, shape: number[], seed: number, step: number) =>
  call("add_figure", {
    tag,
    figure: { $figure: { $rand: shape, seed, high: 256, dtype: "uint8" } },
    global_step: step,
  });

export const figureCases: readonly Case[] = [
  { name: "figure-square", calls: [figure("chart", [32, 32, 3], 81, 1)] },
  { name: "figure-wide", calls: [figure("chart", [20, 60, 3], 82, 1), figure("chart", [20, 60, 3], 83, 2)] },
  { name: "figure-sizes", calls: [figure("chart", [16, 24, 3], 84, 1), figure("chart", [40, 30, 3], 85, 2)] },
];
