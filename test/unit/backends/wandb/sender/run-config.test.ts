import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { MetricRecord } from "#backends/wandb/records/record.js";
import { createRunConfig, type RunConfigOptions } from "#backends/wandb/sender/run-config.js";

const key = (name: string, valueJson: string) => ({ key: name, valueJson });
const path = (names: string, valueJson?: string) => ({
  nestedKey: names.split("/"),
  ...(valueJson === undefined ? {} : { valueJson }),
});
const metricsOf = (records: MetricRecord[], options?: RunConfigOptions): unknown => {
  const config = createRunConfig(options);
  for (const record of records) config.metric(record);
  return JSON.parse(config.json())._wandb.value.m;
};

describe("the configuration of a run", () => {
  // wandb-offline-format.md, sections 3.4 and 4.5
  it("has a value for every key, and what W&B keeps beside them", () => {
    const config = createRunConfig({ coreVersion: "0.30.0", synced: true });
    config.run({
      runId: "r",
      config: { update: [key("_wandb", "{}"), key("lr", "0.1"), key("big", "12345678901234567890")] },
      telemetry: {
        feature: { offline: true, setInitName: true },
        pythonVersion: "3.11.7",
        cliVersion: "0.30.0",
        platform: "linux-x86_64",
      },
    });
    expect(config.json()).toContain('"big":{"value":12345678901234567890}');
    expect(JSON.parse(config.json())).toEqual({
      lr: { value: 0.1 },
      big: { value: Number("12345678901234567890") },
      _wandb: {
        value: {
          cli_version: "0.30.0",
          python_version: "3.11.7",
          t: { 3: [4, 13, 76], 4: "3.11.7", 5: "0.30.0", 12: "0.30.0", 13: "linux-x86_64" },
          m: [],
        },
      },
    });
  });

  it("merges objects, drops empty ones, keeps null, removes subtrees", () => {
    const config = createRunConfig();
    config.update({ update: [key("a", '{"x":1,"y":{"z":2}}'), key("e", "{}"), key("n", "null")] });
    config.update({ update: [key("a", '{"x":5}'), path("a/y/w", "3"), key("bad", "{oops")] });
    config.update({ remove: [path("a/y/z"), path("never/there")] });
    const { _wandb, ...values } = JSON.parse(config.json());
    expect(values).toEqual({ a: { value: { x: 5, y: { w: 3 } } }, n: { value: null } });
    expect(config.unreadable()).toBe(1);
    config.update({ remove: [path("a/y/w")] });
    expect(JSON.parse(config.json()).a).toEqual({ value: { x: 5 } });
  });

  it("puts its own members beside the configuration's _wandb", () => {
    const config = createRunConfig();
    config.update({ update: [path("_wandb/visualize/chart", '{"panel_type":"Vega2"}')] });
    config.update({ update: [path("_wandb/m", "[1]")] });
    expect(JSON.parse(config.json())).toEqual({
      _wandb: { value: { visualize: { chart: { panel_type: "Vega2" } }, t: {}, m: [] } },
    });
  });

  it("adds up telemetry", () => {
    const config = createRunConfig();
    config.telemetry({ feature: { watch: true }, importsInit: { torch: true }, cliVersion: "1" });
    config.telemetry({ feature: { finish: true }, label: { codeString: "c" }, cliVersion: "2" });
    expect(JSON.parse(config.json())._wandb.value).toEqual({
      cli_version: "2",
      t: { 1: [1], 3: [1, 2], 5: "2", 9: { 1: "c" } },
      m: [],
    });
  });

  it("has the environment under its writer", () => {
    const config = createRunConfig();
    expect(config.environmentSoFar()).toBeUndefined();
    config.environment({ os: "Linux", writerId: "w1" });
    config.environment({ cpuCount: 4, writerId: "w1" });
    expect(JSON.parse(config.json())._wandb.value.e).toEqual({
      w1: { os: "Linux", cpu_count: 4, writerId: "w1" },
    });
    expect(config.environmentSoFar()).toEqual({ os: "Linux", cpuCount: 4, writerId: "w1" });
  });

  // wandb-online-protocol.md, section 2.4
  it("takes from a resumed run the keys it has not, and what belongs to its charts", () => {
    const config = createRunConfig();
    config.run({ config: { update: [key("_wandb", "{}"), key("lr", "0.5"), key("a", '{"x":1}')] } });
    config.update({ update: [path("_wandb/visualize/own", "1")] });
    config.resume(
      JSON.stringify({
        lr: { value: 0.1, desc: null },
        a: { value: { y: 2 } },
        old: { value: { deep: [1] } },
        _wandb: {
          value: { t: { 3: [1] }, m: [1], viz: 1, visualize: { old: 2 }, "mask/class_labels": { k: 3 } },
        },
      }),
    );
    expect(JSON.parse(config.json())).toEqual({
      lr: { value: 0.5 },
      a: { value: { x: 1 } },
      old: { value: { deep: [1] } },
      _wandb: { value: { visualize: { own: 1 }, viz: 1, "mask/class_labels": { k: 3 }, t: {}, m: [] } },
    });
    expect(() => config.resume("{oops")).toThrow(SyntaxError);
  });
});

// wandb-online-protocol.md, sections 4.4 to 4.6
describe("metric definitions", () => {
  it("are as the reference's example", () => {
    const loss: MetricRecord = {
      name: "loss",
      stepMetric: "epoch",
      options: { stepSync: true, defined: true },
      summary: { min: true },
    };
    expect(metricsOf([loss])).toEqual([
      { 1: "loss", 5: 2, 6: [1, 3], 7: [1] },
      { 1: "epoch", 6: [], 7: [] },
    ]);
    expect(
      metricsOf([{ name: "epoch" }, { ...loss, summary: { max: true, min: true }, goal: "GOAL_MINIMIZE" }]),
    ).toEqual([
      { 1: "epoch", 6: [3], 7: [] },
      { 1: "loss", 5: 1, 6: [1, 3], 7: [1, 2], 8: 1 },
    ]);
  });

  it("add up, or overwrite", () => {
    const first: MetricRecord = {
      name: "a",
      options: { hidden: true },
      summary: { min: true },
      stepMetric: "s",
    };
    const more: MetricRecord = { name: "a", summary: { max: true } };
    expect(metricsOf([first, more])).toEqual([
      { 1: "a", 5: 2, 6: [2, 3], 7: [1, 2] },
      { 1: "s", 6: [], 7: [] },
    ]);
    expect(metricsOf([first, { ...more, control: { overwrite: true } }])).toEqual([
      { 1: "a", 6: [3], 7: [2] },
    ]);
  });

  it("do without kinds that W&B ignores, and without none beside others", () => {
    expect(metricsOf([{ name: "a", summary: { best: true, copy: true } }])).toEqual([
      { 1: "a", 6: [3], 7: [] },
    ]);
    const none: MetricRecord = { name: "a", summary: { none: true } };
    expect(metricsOf([none, { name: "a", options: { hidden: true } }])).toEqual([
      { 1: "a", 6: [2, 3], 7: [6] },
    ]);
    expect(metricsOf([none, { name: "a", summary: { last: true } }])).toEqual([{ 1: "a", 6: [3], 7: [5] }]);
  });

  it("are globs for servers that know them, what came of them for others", () => {
    const records: MetricRecord[] = [
      { globName: "val/*", stepMetric: "epoch", options: { stepSync: true, defined: true } },
      {
        name: "val/acc",
        stepMetric: "epoch",
        options: { stepSync: true },
        expandedFromGlob: true,
        control: { overwrite: true },
      },
    ];
    expect(metricsOf(records, { expandsGlobs: true })).toEqual([
      { 2: "val/*", 5: 2, 6: [1], 7: [] },
      { 1: "epoch", 6: [], 7: [] },
    ]);
    expect(metricsOf(records)).toEqual([
      { 1: "val/acc", 5: 2, 6: [1, 3], 7: [] },
      { 1: "epoch", 6: [], 7: [] },
    ]);
  });
});

describe("config.yaml", () => {
  it("has the layout of the reference", async () => {
    const config = createRunConfig();
    config.run({
      config: { update: [key("lr", "0.1")] },
      telemetry: { feature: { setInitConfig: true }, cliVersion: "0.28.3" },
    });
    // wandb-online-protocol.md, section 9.2
    expect(await config.yaml()).toBe(
      [
        "_wandb:",
        "    value:",
        "        cli_version: 0.28.3",
        "        m: []",
        "        t:",
        '            "3":',
        "                - 16",
        '            "5": 0.28.3',
        "lr:",
        "    value: 0.1",
        "",
      ].join("\n"),
    );
  });

  it("has keys in natural order, and quotes what YAML would take for something else", async () => {
    const config = createRunConfig();
    const names = ["b10", "b9", "a", "12", "5", "yes", "null", "2024-01-01"];
    config.update({ update: names.map((name) => key(name, '"no"')) });
    const lines = (await config.yaml()).split("\n");
    expect(lines.filter((line) => line.startsWith("    value: "))).toEqual(Array(8).fill('    value: "no"'));
    expect(lines.filter((line) => /^\S/.test(line)).slice(0, 3)).toEqual(['"5":', '"12":', '"2024-01-01":']);
    expect(lines.indexOf("b9:")).toBeLessThan(lines.indexOf("b10:"));
    expect(lines).toContain('"yes":');
    expect(lines).toContain('"null":');
  });

  it("says what the JSON says", async () => {
    const config = createRunConfig();
    const texts = [
      "one\ntwo\n",
      " lead",
      "trail ",
      "a: b",
      "#c",
      "- a",
      "",
      "~",
      "12:30",
      "é\u2028\u0007",
      "'",
      '"',
    ];
    config.update({ update: texts.map((text, index) => key(`t${index}`, JSON.stringify(text))) });
    config.update({
      update: [
        key("numbers", "[1, -0.5, 1e300, 12345678901234567890, NaN, Infinity, -Infinity, null, true]"),
      ],
    });
    config.update({
      update: [key("long", JSON.stringify("word ".repeat(500))), key("x".repeat(2000), "[[],[{}]]")],
    });
    const read = parse(await config.yaml(), { intAsBigInt: true });
    texts.forEach((text, index) => {
      expect(read[`t${index}`]).toEqual({ value: text });
    });
    expect(read.numbers.value).toEqual([
      1n,
      -0.5,
      1e300,
      12345678901234567890n,
      Number.NaN,
      Infinity,
      -Infinity,
      null,
      true,
    ]);
    expect(read.long.value).toBe("word ".repeat(500));
    expect(read["x".repeat(2000)].value).toEqual([[], [{}]]);
  });
});
