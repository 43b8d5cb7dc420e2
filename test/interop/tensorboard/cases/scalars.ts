import { type Case, call, refused } from "./case.js";

const scalar = (tag: string, value: number, step?: number) =>
  call("add_scalar", { tag, scalar_value: value, ...(step !== undefined && { global_step: step }) });
const special = (tag: string, name: "NaN" | "Infinity" | "-Infinity" | "-0", step: number) =>
  call("add_scalar", { tag, scalar_value: { $num: name }, global_step: step });

export const scalarCases: readonly Case[] = [
  {
    name: "scalar-values",
    calls: [0.5, 1.1, 1 / 3, -2.5e-3, 16777217, 1e-45, 3.4e38, 0].map((v, i) => scalar("loss", v, i)),
  },
  {
    name: "scalar-not-finite",
    calls: [
      special("nan", "NaN", 0),
      special("infinite", "Infinity", 0),
      special("infinite", "-Infinity", 1),
      special("zero", "-0", 0),
      scalar("too-big-for-float32", 1e39, 0),
      scalar("too-small-for-float32", 1e-50, 0),
    ],
  },
  {
    name: "scalar-steps",
    calls: [
      ...[-(2 ** 53 - 1), -5, 0, 7, 2 ** 31, 2 ** 53 - 1].map((step) => scalar("sparse", 1, step)),
      scalar("first-at-3", 2, 3),
    ],
  },
  {
    name: "scalar-steps-going-back",
    calls: [5, 6, 3, 4, 4, 10].map((step, i) => scalar("restarted", i, step)),
  },
  {
    name: "scalar-tags",
    calls: [
      "métrique/损失 😀",
      "with space",
      "/leading",
      "double//slash",
      "trailing/",
      "quotes \"and\" 'such'",
      "line\nbreak\ttab",
      "back\\slash & <html> ?query=1#hash%20",
      "Case",
      "case",
      "x".repeat(300),
    ].map((tag) => scalar(tag, 1, 1)),
  },
  {
    name: "scalar-inputs",
    calls: [
      call("add_scalar", { tag: "bool", scalar_value: true, global_step: 0 }),
      call("add_scalar", { tag: "rank-0", scalar_value: { $array: 2.5 }, global_step: 0 }),
      call("add_scalar", {
        tag: "rank-1",
        scalar_value: { $array: [3.5], dtype: "float64" },
        global_step: 0,
      }),
      call("add_scalar", { tag: "int64", scalar_value: { $array: [[7]], dtype: "int64" }, global_step: 0 }),
      refused("add_scalar", { tag: "two", scalar_value: { $array: [1, 2] }, global_step: 0 }),
    ],
  },
  {
    name: "scalar-wall-times",
    calls: [0, 1.5, 1e9 + 1e-6, 1_749_999_999.999999].map((walltime, i) =>
      call("add_scalar", { tag: "past", scalar_value: i, global_step: i, walltime }),
    ),
  },
  {
    name: "scalar-many-points",
    // more than the 1000 points both readers keep: they must pick the same ones
    calls: Array.from({ length: 1200 }, (_, i) => scalar("long", Math.fround(i / 7), i)),
  },
  {
    name: "scalar-no-step-once",
    calls: [scalar("only", 4.5), scalar("other", 5.5)],
  },
  {
    name: "scalar-no-step-repeated",
    calls: [scalar("counted", 1), scalar("counted", 2), scalar("other", 9), scalar("counted", 3)],
    torch: {
      calls: [
        scalar("counted", 1, 0),
        scalar("counted", 2, 1),
        scalar("other", 9, 0),
        scalar("counted", 3, 2),
      ],
      because:
        "a missing step counts per tag here; torch writes 0 for all, and the fast reader then shows one point",
    },
  },
  {
    name: "scalar-new-style",
    calls: [0, 1, 2].map((i) => scalar("styled", i / 3, i)),
    torch: {
      calls: [0, 1, 2].map((i) =>
        call("add_scalar", { tag: "styled", scalar_value: i / 3, global_step: i, new_style: true }),
      ),
      because: "we have one style; the pages must show the same curve as for torch's other one",
    },
    levels: { only: ["http"], because: "the two styles are different records by definition" },
    exceptions: ["display-name"],
  },
];

export const scalarsCases: readonly Case[] = [
  {
    name: "scalars-basic",
    calls: [0, 1, 2].map((step) =>
      call("add_scalars", {
        main_tag: "curves",
        tag_scalar_dict: { sine: Math.sin(step), cosine: Math.cos(step), zero: 0 },
        global_step: step,
      }),
    ),
  },
  {
    name: "scalars-slashes",
    calls: [
      call("add_scalars", { main_tag: "a/b", tag_scalar_dict: { "c d": 1, "e/f": 2 }, global_step: 3 }),
      call("add_scalars", { main_tag: "métrique", tag_scalar_dict: { été: 0.25 }, global_step: 3 }),
    ],
  },
  {
    name: "scalars-special",
    calls: [
      call("add_scalars", {
        main_tag: "m",
        tag_scalar_dict: { nan: { $num: "NaN" }, flag: true },
        global_step: 1,
      }),
      call("add_scalar", { tag: "m", scalar_value: 7, global_step: 1 }),
      call("add_scalars", { main_tag: "m", tag_scalar_dict: { late: -1 }, global_step: 2 }),
    ],
  },
];

export const writerCases: readonly Case[] = [
  { name: "writer-empty", calls: [] },
  {
    name: "writer-flush",
    calls: [scalar("a", 1, 1), call("flush"), scalar("a", 2, 2), call("flush"), call("flush")],
  },
  {
    name: "writer-suffix",
    writer: { filename_suffix: ".case-suffix" },
    calls: [
      scalar("a", 1, 1),
      call("add_scalars", { main_tag: "s", tag_scalar_dict: { b: 1 }, global_step: 1 }),
    ],
  },
  {
    name: "writer-purge-step",
    writer: { purge_step: 3 },
    calls: [scalar("a", 1, 3), scalar("a", 2, 4)],
  },
  {
    name: "writer-two-sessions",
    calls: [
      ...[1, 2, 3, 4].map((step) => scalar("a", step, step)),
      call("reopen"),
      ...[5, 6].map((step) => scalar("a", step, step)),
    ],
  },
  {
    name: "writer-purge-resumed",
    exceptions: ["second-start"],
    writer: { purge_step: 0 },
    calls: [
      ...[1, 2, 3, 4].map((step) => scalar("a", step, step)),
      call("reopen", { purge_step: 3 }),
      ...[3, 4].map((step) => scalar("a", 10 * step, step)),
    ],
  },
  {
    name: "writer-mixed",
    calls: [
      scalar("a", 1, 1),
      call("add_text", { tag: "a", text_string: "beside the scalar", global_step: 1 }),
      call("add_histogram", { tag: "h", values: { $normal: [50], seed: 3 }, global_step: 1 }),
      scalar("a", 2, 2),
      call("add_image", { tag: "i", img_tensor: { $rand: [3, 4, 4], seed: 4 }, global_step: 2 }),
      scalar("b", 3, 1),
    ],
  },
];
