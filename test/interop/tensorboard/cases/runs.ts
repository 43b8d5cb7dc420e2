import type { CaseValue, Description } from "../values.js";
import { type Arguments, type Case, call } from "./case.js";

const hparams = (
  run_name: string | undefined,
  hparam_dict: CaseValue,
  metric_dict: CaseValue,
  more: Arguments = {},
) => call("add_hparams", { hparam_dict, metric_dict, ...(run_name !== undefined && { run_name }), ...more });

export const hparamsCases: readonly Case[] = [
  {
    name: "hparams-sessions",
    exceptions: ["hparams-experiment"],
    // one page with several sessions of the same columns, and scalars of the parent run
    calls: [
      hparams("trial-0", { lr: 0.1, bsize: 32, optimizer: "sgd" }, { accuracy: 0.5, loss: 2 }),
      hparams(
        "trial-1",
        { lr: 0.01, bsize: 64, optimizer: "adam" },
        { accuracy: 0.75, loss: 1.5 },
        { global_step: 7 },
      ),
      hparams("trial-2", { lr: 1e-3, bsize: 32, optimizer: "" }, { accuracy: 0.25, loss: { $num: "NaN" } }),
      call("add_scalar", { tag: "accuracy", scalar_value: 1, global_step: 1 }),
    ],
    alone: true,
  },
  {
    name: "hparams-values",
    exceptions: ["hparams-experiment"],
    calls: [
      hparams("kinds", { flag: true, off: false, whole: 3, part: 0.5, word: "ü", none: null }, { m: 1 }),
      hparams("special", { nan: { $num: "NaN" }, big: 1e300, negative: -0.5 }, { "m/slash": -1, other: 2 }),
      hparams("no-metrics", { a: 1 }, {}),
    ],
  },
  {
    name: "hparams-domains",
    calls: [
      hparams(
        "domain",
        { lr: 0.1, optimizer: "sgd", flag: true },
        { accuracy: 0.5 },
        { hparam_domain_discrete: { lr: [0.1, 0.01], optimizer: ["sgd", "adam"] } },
      ),
    ],
    alone: true,
  },
  {
    name: "hparams-default-run",
    exceptions: ["hparams-experiment"],
    calls: [hparams(undefined, { lr: 0.1 }, { accuracy: 0.5 }, { global_step: 3 })],
  },
];

const graph = (nodes: CaseValue) => call("add_graph", { nodes });

export const graphCases: readonly Case[] = [
  {
    name: "graph-chain",
    calls: [
      graph([
        { name: "input/x", op: "IO Node", output_shapes: [[1, 64]] },
        { name: "Net/Linear[fc]/matmul", op: "aten::linear", inputs: ["input/x"], output_shapes: [[1, 10]] },
        { name: "output/output.1", op: "IO Node", inputs: ["Net/Linear[fc]/matmul"] },
      ]),
    ],
  },
  {
    name: "graph-attributes",
    calls: [
      graph([
        {
          name: "a",
          op: "Const",
          attributes: { text: "ü value", whole: 3, part: 0.5, flag: true },
          device: "/cpu:0",
        },
        { name: "b", op: "Add", inputs: ["a", "a"], output_shapes: [[-1, 3], []] },
      ]),
    ],
  },
  {
    name: "graph-twice",
    calls: [graph([{ name: "first", op: "Const" }]), graph([{ name: "second", op: "Const" }])],
  },
].map((each) => ({
  ...each,
  levels: {
    only: ["http" as const],
    because:
      "torch traces a module, we take nodes: what the graph page is served is the same question for both",
  },
}));

export const onnxCases: readonly Case[] = [
  { name: "onnx-graph", calls: [call("add_onnx_graph", { prototxt: { $file: "digits.onnx" } })] },
];

const points: Description = { $rand: [6, 4], seed: 141, low: -2, high: 2 };
const embedding = (more: Arguments = {}) => call("add_embedding", { mat: points, ...more });

export const embeddingCases: readonly Case[] = [
  { name: "embedding-points", calls: [embedding()] },
  {
    name: "embedding-metadata",
    calls: [
      embedding({ metadata: ["a", "b", "ü c", "d", "e", "f"], tag: "labels", global_step: 12 }),
      embedding({
        metadata: ["0", "1", "2", "3", "4", "5"].map((i) => [i, `name ${i}`]),
        metadata_header: ["id", "name"],
        tag: "rows",
        global_step: 123456,
      }),
    ],
  },
  {
    name: "embedding-sprites",
    calls: [
      embedding({ label_img: { $rand: [6, 3, 4, 4], seed: 142 }, tag: "color" }),
      embedding({ label_img: { $rand: [6, 1, 4, 4], seed: 143 }, tag: "gray", global_step: 1 }),
    ],
  },
  {
    name: "embedding-values",
    calls: [
      embedding({
        mat: {
          $array: [
            [1, 1e-8],
            ["NaN", "Infinity"],
            [-0.1, 1e22],
          ],
        },
        tag: "special",
      }),
      embedding({ mat: { $arange: [3, 2], dtype: "int32" }, tag: "a/b\\c%d", global_step: 2 }),
    ],
  },
];
