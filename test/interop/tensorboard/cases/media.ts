import type { Description } from "../values.js";
import { type Case, call, refused } from "./case.js";

const video = (tag: string, vid_tensor: Description, more: Record<string, number> = {}) =>
  call("add_video", { tag, vid_tensor, global_step: 1, ...more });

// Few enough samples that every frame has fewer than 256 colours, so that a palette can hold them all.
export const videoCases: readonly Case[] = [
  {
    name: "video-frames",
    calls: [
      video("bytes", { $rand: [1, 4, 3, 6, 8], seed: 91, high: 256, dtype: "uint8" }),
      video("floats", { $rand: [1, 3, 3, 6, 8], seed: 92 }),
      video("outside", { $rand: [1, 3, 3, 6, 8], seed: 93, low: -0.5, high: 1.5 }),
    ],
  },
  {
    name: "video-batches",
    calls: [2, 3, 4, 5].map((count) =>
      video(`of-${count}`, { $rand: [count, 2, 3, 4, 4], seed: 93 + count, high: 256, dtype: "uint8" }),
    ),
  },
  {
    name: "video-speeds",
    calls: [1, 10, 25].map((fps) => video(`at-${fps}`, { $rand: [1, 3, 3, 4, 4], seed: 99 }, { fps })),
  },
].map((each) => ({ ...each, exceptions: ["gif-timing"] }));

const audio = (tag: string, snd_tensor: Description, more: Record<string, number> = {}) =>
  call("add_audio", { tag, snd_tensor, global_step: 1, ...more });
const sound = (shape: number[], seed: number): Description => ({ $rand: shape, seed, low: -1, high: 1 });

export const audioCases: readonly Case[] = [
  {
    name: "audio-shapes",
    calls: [
      audio("flat", sound([400], 111)),
      audio("row", sound([1, 400], 112)),
      audio("column", sound([400, 1], 113)),
    ],
  },
  {
    name: "audio-rates",
    calls: [8000, 22050, 48000].map((sample_rate) =>
      audio(`at-${sample_rate}`, sound([300], 114), { sample_rate }),
    ),
  },
  {
    name: "audio-samples",
    calls: [
      audio("float64", { $rand: [200], seed: 115, low: -1, high: 1, dtype: "float64" }),
      audio("edges", { $array: [0, 0.5, -0.5, 1, -1, 1e-5, -1e-5] }),
      audio("clipped", { $array: [0, 1.5, -2, 0.25] }),
    ],
  },
].map((each) => ({ ...each, exceptions: ["audio-type"] }));

const text = (tag: string, text_string: string, step = 1) =>
  call("add_text", { tag, text_string, global_step: step });

export const textCases: readonly Case[] = [
  {
    name: "text-plain",
    calls: [
      text("note", "first"),
      text("note", "second", 2),
      text("empty", ""),
      text("a/b c", "ünïcödé 漢字 😀"),
    ],
  },
  {
    name: "text-markdown",
    calls: [
      text("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
      text("list", "# Title\n\n- *one*\n- **two**\n\n```python\nx = 1\n```"),
      text("link", "[site](https://example.org) and `code`"),
    ],
  },
  {
    name: "text-hostile",
    calls: [
      text("html", "<script>alert(1)</script><b onclick='x()'>bold</b>"),
      text("control", "tab\tand\r\nlines\u0007"),
      text("long", "0123456789 ".repeat(2000)),
    ],
  },
];

export const tensorCases: readonly Case[] = [
  ...(["float32", "float64", "int8", "int16", "int32", "int64", "uint8"] as const).map(
    (dtype): Case => ({
      name: `tensor-${dtype}`,
      ...(dtype === "uint8" && { exceptions: ["uint8-field"] }),
      calls: [
        call("add_tensor", { tag: "rank-0", tensor: { $array: 3, dtype }, global_step: 1 }),
        call("add_tensor", { tag: "rank-1", tensor: { $arange: [5], dtype }, global_step: 1 }),
        call("add_tensor", {
          tag: "rank-3",
          tensor: { $rand: [2, 3, 4], seed: 7, high: 100, dtype },
          global_step: 1,
        }),
        call("add_tensor", { tag: "empty", tensor: { $arange: [0, 2], dtype }, global_step: 1 }),
      ],
    }),
  ),
  {
    name: "tensor-bool",
    calls: [
      call("add_tensor", { tag: "flags", tensor: { $array: [[1, 0, 1]], dtype: "bool" }, global_step: 1 }),
      call("add_tensor", { tag: "flag", tensor: { $array: 1, dtype: "bool" }, global_step: 1 }),
    ],
  },
  {
    name: "tensor-values",
    calls: [
      call("add_tensor", {
        tag: "not-finite",
        tensor: { $array: ["NaN", "Infinity", "-Infinity", "-0"] },
        global_step: 1,
      }),
      call("add_tensor", { tag: "negative", tensor: { $array: [-1, -100], dtype: "int64" }, global_step: 1 }),
      call("add_tensor", { tag: "negative", tensor: { $array: [-128, 127], dtype: "int8" }, global_step: 2 }),
    ],
  },
];

export const refusedMediaCases: readonly Case[] = [
  {
    name: "media-refused",
    calls: [
      refused("add_audio", { tag: "empty", snd_tensor: { $arange: [0] }, global_step: 1 }),
      refused("add_video", { tag: "rank", vid_tensor: sound([3, 4, 4], 1), global_step: 1 }),
      refused("add_text", { tag: "number", text_string: 5, global_step: 1 }),
    ],
  },
];
