import type { KeyedItem, WandbRecord } from "#backends/wandb/records/record.js";

const key = (name: string, valueJson: string): KeyedItem => ({ key: name, valueJson });
const path = (names: string, valueJson?: string): KeyedItem => ({
  nestedKey: names.split("/"),
  ...(valueJson === undefined ? {} : { valueJson }),
});
/** A row with its step, which the official sync of 0.31 invents where there is none. */
const row = (step: number, ...item: KeyedItem[]): WandbRecord => ({
  history: { item: [...item, key("_step", String(step))] },
});
const summary = (update: KeyedItem[], remove: KeyedItem[] = []): WandbRecord => ({
  summary: { update, remove },
});
const config = (update: KeyedItem[], remove: KeyedItem[] = []): WandbRecord => ({
  config: { update, remove },
});

/** Records in combinations that official clients do not write, but that their sync has rules for. */
export const ODD_VALUES = {
  "rows that need merging": [
    row(0, key("a", '{"x":1,"e":{},"n":null}'), path("a/y", "2"), path("a/x", "3")),
    row(1, path("a", "1"), path("a", "2")),
    row(2, path("a", "1"), path("a/b", "2")),
    row(3, path("a/b", "1"), path("a", "2")),
    row(4, path("a/b", "1"), path("c", "2"), path("a/d", "3")),
    row(5, path("a/b", '{"x":{}}'), path("a/b/c", "1"), path("a/b", '{"d":[{}]}')),
    row(6, key("only", "{}")),
    row(7, { key: "ignored", nestedKey: ["n1", "n2"], valueJson: "1" }),
    summary([key("_step", "7")]),
  ],
  "rows with odd keys and values": [
    row(0, key("bad", "oops"), key("ok", "1"), { key: "without value" }),
    row(1, key("", "1")),
    row(2, path("", "1"), path("a//b", "3")),
    row(3, key("null", "null"), key("nan", "NaN"), key("inf", "-Infinity"), key("plus", "+1")),
    row(4, key("spaces", " [1 ,\n 2] "), key("text", '"é中😀 \\u0041\\n\\"q\\""'), key("clé", "1")),
    row(5, key('quo"te\\', "1"), key("tab\t", "2"), key("line\n", "3")),
    row(6, key("exponents", "[1e5,1E-5,-1.25e+300]"), key("large", "12345678901234567890123")),
    {
      history: {
        item: [
          { key: "none", none: "NULL_VALUE" },
          { key: "false", boolean: false },
          { key: "zero", integer: 0 },
          { key: "minus", integer: -5 },
          { key: "number", number: -1.5e300 },
          { key: "not", number: Number.NaN },
          { key: "text", text: "" },
          { key: "json", json: '{"a":[1]}' },
          { key: "both", valueJson: "1", integer: 2 },
          { key: "_step", integer: 7 },
        ],
      },
    },
    summary([key("_step", "7")]),
  ],
  "summary updates": [
    summary([
      key("keep", "5"),
      key("object", '{"x":1,"y":2}'),
      key("object2", '{"x":1,"y":2}'),
      path("nest/a", "1"),
      path("nest/b", "2"),
      path("other/a", "1"),
      path("other/b", "1"),
      path("alone/a", "1"),
      key("empty", "{}"),
      key("bad", "oops"),
      key("null", "null"),
      key("list", '[null,{"a":null}]'),
      key("members", '{"a":null,"b":{"c":null}}'),
      key("", "7"),
      key("leaf", "1"),
    ]),
    summary([key("keep", "null"), path("object/y", "3"), key("nest", '{"c":3}')], [path("object2/x")]),
    summary([path("other/a", "null"), path("alone/a", "null"), path("leaf/y", "null"), path("v/y", "null")]),
    summary([key("both", "1")], [key("both", "")]),
    summary([path("r/s/t", "1"), path("q/w", "1"), key("u", "{}")]),
    summary([key("q", "2"), path("u/a", "1")], [path("r/s/t"), path("never/there")]),
    summary([], [path("u/a")]),
    summary([path("l/x", '{"m":{}}'), key("spaces", ' {"a" : [1 ,2]} ')]),
  ],
  "configuration updates": [
    config([key("a", '{"x":1,"y":{"z":2}}'), key("e", "{}"), key("null", "null"), key("bad", "{oops")]),
    config([path("a/y/w", "3"), key("a", '{"x":5}'), key("list", '[1, 2.0,\n{"q":{}}]')], [path("a/y/z")]),
    config([path("p/q/r", "1"), path("p/s", "{}"), path("t/u", "1"), key("leaf", "1")]),
    config([key("both", "1"), path("leaf/x", "2")], [key("both", ""), path("p/q/r"), path("t/u")]),
    config([key("f", "1.0"), key("g", "1e3"), key("i", "-0.0"), key("j", "1e-9"), key("nan", "NaN")]),
    config([key("", "1"), path("b//c", "3"), key("deep", '{"a":{"b":{}}}'), key("inf", "-Infinity")]),
    config(
      [
        "yes",
        "~",
        "0x10",
        "1_000",
        "12:30",
        "2024-01-01",
        "- a",
        "a: b",
        "#c",
        " lead",
        "trail ",
        "one\ntwo\n",
        "1e3",
        ".5",
        "é\u2028\u0007",
        "=",
        "<<",
        "|",
        "%x",
        "@x",
        "'",
        '"',
        "",
        "null",
        "123",
        "true",
        "!t",
        "&a",
        "*a",
      ].map((text, index) => key(`text${index}`, JSON.stringify(text))),
    ),
    config(
      ["yes", "null", "12", "1.5", "a: b", "#", "y", "-", "~", "2024-01-01"].map((name) => key(name, "1")),
    ),
    config([
      path("_wandb/visualize/chart", '{"panel_type":"Vega2"}'),
      path("_wandb/code_path", '"code/a.js"'),
    ]),
  ],
  "metrics, telemetry and environment": [
    { metric: { name: "m1", stepMetric: "s1", summary: { none: true } } },
    { metric: { name: "m1", summary: { min: true, best: true, copy: true } } },
    { metric: { name: "m2", goal: "GOAL_MAXIMIZE" } },
    { metric: { name: "m2", goal: "GOAL_MINIMIZE", options: { hidden: true } } },
    { metric: { globName: "g*", stepMetric: "s2", options: { defined: true, stepSync: true } } },
    { metric: { name: "g1", stepMetric: "s3", expandedFromGlob: true, control: { overwrite: true } } },
    { metric: { name: "m3", stepMetric: "s1", summary: { max: true }, options: { hidden: true } } },
    { metric: { name: "m3", control: { overwrite: true } } },
    { metric: { name: "s1" } },
    { telemetry: { feature: { watch: true }, label: { codeString: "c" }, importsInit: { torch: true } } },
    { telemetry: { feature: { finish: true }, pythonVersion: "3.1", cliVersion: "0.1", platform: "p" } },
    {
      environment: {
        os: "L",
        startedAt: { seconds: 5, nanos: 1000 },
        args: ["a"],
        cudaVersion: "12",
        memory: {},
        slurm: { job_id: "7" },
        cpu: { count: 2, countLogical: 4 },
        ...({
          gpuNvidia: [{ name: "A100", memoryTotal: 80e9, cudaCores: 6912 }],
          gpuAmd: [{ id: "x", maxPower: "1" }],
          apple: { name: "M1", ecpuCores: 4, swapTotalBytes: 5 },
          trainium: { name: "trn", neuronDeviceCount: 2 },
          tpu: { name: "v4", hbmGib: 32 },
          coreweave: { clusterName: "c", orgId: "o" },
        } as object),
      },
    },
    {
      environment: {
        args: ["b"],
        slurm: { x: "8" },
        gpuCount: 2,
        gpuType: "A100",
        cpu: { model: "m" },
        disk: { "/": { total: 10, used: 0 } },
        writerId: "w",
      },
    },
  ],
  "system metrics and loggers": [
    {
      stats: {
        timestamp: { seconds: 100, nanos: 5 },
        item: [
          { key: "cpu", valueJson: "1.0" },
          { key: "bad", valueJson: "x" },
          { key: "text", valueJson: '"t"' },
          { key: "object", valueJson: '{"a":1}' },
        ],
      },
    },
    { stats: { timestamp: { seconds: 89, nanos: 999 }, item: [{ key: "cpu", valueJson: "2" }] } },
    ...["one\ntwo\n", "three", "", "blanks  \r\n x\ry", "\n\n"].map((line) => ({ outputLogger: { line } })),
    { outputRaw: { outputType: "STDOUT", line: "raw  \n   \nq\n" } },
    { output: { outputType: "STDOUT", line: "ignored" } },
  ],
} satisfies { [name: string]: WandbRecord[] };

/** Pieces of console text; every second list has none that moves beyond the screen. */
const PIECES: readonly (readonly string[])[] = [
  ["a", "bb", "é😀", " ", "\n", "\n", "\r", "  ", "\t"],
  ["a", "bcd", "\n", "\n", "\r", "\u001b[A", "\u001b[A", "\u001b[B", " "],
  [
    "x",
    "yy ",
    "\n".repeat(5),
    "\n".repeat(12),
    "\u001b[A".repeat(7),
    "\u001b[A".repeat(40),
    "\u001b[B".repeat(20),
    "\r",
  ],
  [
    "a",
    "\n",
    "\u001b[31m",
    "\u001b[2A",
    "\r",
    "\u001b\u001b[A",
    "\u001b[",
    "A",
    "m",
    "\u001b]0;t\u0007",
    "\u009b",
  ],
  ["a".repeat(4000), "b".repeat(90), "é".repeat(50), "\n", "\r", "c", "\u001b[A"],
  ["10%\r", "20%\r", "done\n", "\n\n", "two streams\n", "\u001b[A\u001b[A", "\u001b[B"],
];

/** Writes to both streams, the same for the same seed. */
export function consoleText(seed: number): WandbRecord[] {
  let state = seed;
  const random = (count: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * count);
  };
  const pieces = PIECES[(seed - 1) % PIECES.length]!;
  return Array.from({ length: 300 }, () => ({
    outputRaw: {
      outputType: random(5) < 3 ? ("STDOUT" as const) : ("STDERR" as const),
      line: Array.from({ length: 1 + random(4) }, () => pieces[random(pieces.length)]!).join(""),
    },
  }));
}
