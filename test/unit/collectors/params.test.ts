import { describe, expect, test } from "vitest";
import { captureArgs, captureParams, isLikelyParam } from "#src/collectors/params.js";

// The rules are those of seed-systems.md section 2.8, in its order.
describe("isLikelyParam", () => {
  test.each([
    // Skipped names and leading underscores, whatever they hold.
    ["model", "resnet", false],
    ["device", "cuda:0", false],
    ["x", 5, false],
    ["_batchSize", 32, false],
    // Known names, whatever they hold.
    ["lr", 1e-9, true],
    ["seed", 123_456_789, true],
    ["random_state", null, true],
    ["eps", 0, true],
    ["beta", [0.9, 0.999], true],
    // Names with a term, whatever they hold.
    ["hiddenDim", 0, true],
    ["warmupSteps", 500_000, true],
    ["embedding", { dim: 64 }, true],
    ["learning_rate_schedule", "x".repeat(80), true],
    ["gradScale", -1, true],
    // Other names by value.
    ["folds", 1, true],
    ["folds", 10_000, true],
    ["folds", 10_001, false],
    ["folds", 0, false],
    ["folds", -1, false],
    ["share", 0.0002, true],
    ["share", 0.00005, false],
    ["share", 99.5, true],
    ["share", 100.5, false],
    ["share", Number.NaN, false],
    ["shuffle", false, true],
    ["arch", "x".repeat(49), true],
    ["arch", "x".repeat(50), false],
    ["callback", () => {}, false],
    ["list", [1], false],
    ["nothing", null, false],
  ] as [string, unknown, boolean][])("%s = %j: %s", (name, value, expected) => {
    expect(isLikelyParam(name, value)).toBe(expected);
  });
});

describe("captureParams", () => {
  test("picks and keeps", () => {
    const found = captureParams({
      lr: 1e-3,
      batchSize: 32,
      model: {},
      _x: 1,
      notes: "y".repeat(60),
      amp: true,
    });
    expect(found).toEqual({ lr: 1e-3, batchSize: 32, amp: true });
  });

  test("what JSON cannot hold becomes a short text", () => {
    class Schedule {}
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    expect(
      captureParams({
        layerWeights: new Float32Array(1_000_000),
        weightInit: function glorot() {},
        stepSchedule: new Schedule(),
        maxCount: 12345678901234567890n,
        minDate: new Date(0),
        kernelSizes: [3, 5, [7, undefined]],
        embedConfig: { dim: 64, drop: undefined, init: Schedule },
        hiddenCycle: cyclic,
        scaleNan: Number.NaN,
        numNothing: undefined,
      }),
    ).toMatchObject({
      layerWeights: "Float32Array(1000000)",
      weightInit: "glorot",
      stepSchedule: "Schedule",
      maxCount: "12345678901234567890",
      minDate: "1970-01-01T00:00:00.000Z",
      kernelSizes: [3, 5, [7, "undefined"]],
      embedConfig: { dim: 64, init: "Schedule" },
      scaleNan: Number.NaN,
    });
  });

  test("secrets are masked", () => {
    expect(captureParams({ apiKey: "abc", lr: 0.1 })).toEqual({ apiKey: "***", lr: 0.1 });
  });
});

describe("captureArgs", () => {
  test.each([
    ["--lr 0.1 --flag --name=x", { lr: 0.1, flag: true, name: "x" }],
    ["--lr=1e-3 --n -5 --bias -0.5 -b 32", { lr: 1e-3, n: -5, bias: -0.5, b: 32 }],
    ["--no-shuffle --amp=false --log true", { shuffle: false, amp: false, log: true }],
    ["--layer 64 --layer 32", { layer: [64, 32] }],
    ["train data.csv --epochs 3 -- --raw 1", { _: ["train", "data.csv", "--raw", "1"], epochs: 3 }],
    [
      "--id 007 --big 12345678901234567890 --v 1.2.3 --dot . --inf 1e999",
      {
        id: "007",
        big: "12345678901234567890",
        v: "1.2.3",
        dot: ".",
        inf: "1e999",
      },
    ],
    ["--expr=a=b --empty= --model.layers 4", { expr: "a=b", empty: "", "model.layers": 4 }],
    ["--api-key abc --max-tokens 512", { "api-key": "***", "max-tokens": 512 }],
    ["--a --b", { a: true, b: true }],
    ["", {}],
  ])("%s", (line, expected) => expect(captureArgs(line === "" ? [] : line.split(" "))).toEqual(expected));

  test("a name of the prototype is an ordinary name", () => {
    const found = captureArgs(["--__proto__", "1", "--constructor=2"]);
    expect(Object.entries(found)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });
});
