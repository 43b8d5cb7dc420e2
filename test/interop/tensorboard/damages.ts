import type { Arguments, Call, Case, Level } from "./cases/case.js";
import { CASES } from "./cases.js";

/** A copy of a case with one thing wrong in it, and the levels that must notice. */
export interface Damage {
  readonly what: string;
  readonly copy: Case;
  readonly levels: readonly Level[];
}

const named = (name: string): Case => {
  const found = CASES.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no case ${name}`);
  return found;
};

/** The case with one call's arguments changed. */
function changed(name: string, index: number, kwargs: Arguments): Case {
  const change = (call: Call, i: number) =>
    i === index ? { ...call, kwargs: { ...call.kwargs, ...kwargs } } : call;
  return { ...named(name), calls: named(name).calls.map(change) };
}

const withCalls = (name: string, change: (calls: readonly Call[]) => Call[]): Case => ({
  ...named(name),
  calls: change(named(name).calls),
});

const RECORDS: readonly Level[] = ["events", "legacy", "plugins"];
const ALL: readonly Level[] = [...RECORDS, "http"];

const DAMAGES: readonly (readonly [what: string, copy: Case, levels: readonly Level[]])[] = [
  ["a value one float32 apart", changed("scalar-values", 1, { scalar_value: 1.1000001 }), ALL],
  ["-0 as 0", changed("scalar-not-finite", 3, { scalar_value: 0 }), ALL],
  ["infinity as NaN", changed("scalar-not-finite", 1, { scalar_value: { $num: "NaN" } }), ALL],
  ["a step one off", changed("scalar-steps", 5, { global_step: 2 ** 53 - 2 }), ALL],
  ["a wall time one microsecond off", changed("scalar-wall-times", 2, { walltime: 1e9 + 2e-6 }), ALL],
  ["a normalized tag", changed("scalar-tags", 0, { tag: "métrique/损失 😀".normalize("NFD") }), ALL],
  ["a missing call", withCalls("scalar-many-points", (calls) => calls.toSpliced(600, 1)), ALL],
  ["two calls in the other order", withCalls("writer-mixed", (calls) => calls.toReversed()), ["events"]],
  ["another bin rule", changed("histogram-bins-fd", 0, { bins: "sqrt" }), ALL],
  ["a bucket count", changed("histogram-raw-plain", 0, { bucket_counts: [1, 2, 1, 2] }), ALL],
  ["one pixel by one", changed("image-types", 3, { img_tensor: { $array: [[0, 0.505, 1, 0.25]] } }), ALL],
  ["rows for columns", changed("image-layouts", 6, { dataformats: "WH" }), ALL],
  [
    "one sample by one",
    changed("audio-samples", 1, { snd_tensor: { $array: [0, 0.50002, -0.5, 1, -1, 1e-5, -1e-5] } }),
    ALL,
  ],
  ["a sample rate", changed("audio-rates", 0, { sample_rate: 8001 }), ALL],
  ["a space in a text", changed("text-plain", 0, { text_string: "first " }), ALL],
  [
    "one element of a tensor",
    changed("tensor-int64", 1, { tensor: { $array: [0, 1, 2, 3, 5], dtype: "int64" } }),
    RECORDS,
  ],
  ["the type of a tensor", changed("tensor-int32", 1, { tensor: { $arange: [5], dtype: "int16" } }), RECORDS],
  ["a number of thresholds", changed("pr-curve-thresholds", 1, { num_thresholds: 6 }), ALL],
  [
    "a mesh's setting",
    changed("mesh-config", 1, { config_dict: { name: "ünï", list: [1, 2.5, true, 0] } }),
    ALL,
  ],
  [
    "a hyperparameter",
    changed("hparams-sessions", 1, { hparam_dict: { lr: 0.01, bsize: 64, optimizer: "sgd" } }),
    ["events", "plugins", "http"],
  ],
  [
    "an edge of a graph",
    changed("graph-attributes", 0, {
      nodes: [
        { name: "a", op: "Const" },
        { name: "b", op: "Add" },
      ],
    }),
    ["http"],
  ],
  [
    "a point of an embedding",
    changed("embedding-values", 0, {
      mat: {
        $array: [
          [1, 1e-8],
          ["NaN", "Infinity"],
          [-0.1, 1.1e22],
        ],
      },
    }),
    ["files", "http"],
  ],
  [
    "a frame of a video",
    changed("video-frames", 0, {
      vid_tensor: { $rand: [1, 4, 3, 6, 8], seed: 90, high: 256, dtype: "uint8" },
    }),
    ALL,
  ],
  [
    "a chart's kind",
    changed("custom-scalars-layout", 0, { layout: { "Layout one": { losses: ["Multiline", ["loss/.*"]] } } }),
    ["events", "plugins"],
  ],
];

/** All damages, in rounds of at most one copy a case, so that a round is written and read at once. */
export function damageRounds(): Damage[][] {
  const rounds: Damage[][] = [];
  for (const [what, copy, levels] of DAMAGES) {
    const free = rounds.find((round) => round.every((other) => other.copy.name !== copy.name));
    if (free) free.push({ what, copy, levels });
    else rounds.push([{ what, copy, levels }]);
  }
  return rounds;
}
