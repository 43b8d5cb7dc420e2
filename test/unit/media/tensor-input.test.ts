import { describe, expect, it } from "vitest";
import { type TensorInput, toScalar, toTensor, toValues } from "#src/media/tensor-input.js";

const invalid = (text: string) =>
  expect.objectContaining({ code: "invalid-value", message: expect.stringContaining(text) });

describe("toTensor", () => {
  it("takes single numbers as tensors without axes", () => {
    expect(toTensor(1.5, "x")).toEqual({ shape: [], data: Float64Array.of(1.5) });
    expect(toTensor(true, "x")).toEqual({ shape: [], data: Uint8Array.of(1), bool: true });
    expect(toTensor(2n ** 63n - 1n, "x")).toEqual({ shape: [], data: BigInt64Array.of(2n ** 63n - 1n) });
    expect(toTensor(2n ** 64n - 1n, "x")).toEqual({ shape: [], data: BigUint64Array.of(2n ** 64n - 1n) });
    expect(() => toTensor(2n ** 64n, "x")).toThrow(invalid("64 bits"));
    expect(toTensor({ item: () => 7 }, "x")).toEqual({ shape: [], data: Float64Array.of(7) });
  });

  it.each([
    Float32Array,
    Float64Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
  ])("takes a %o as it is", (Type) => {
    const source = new Type([1, 2, 3, 4]).subarray(1);
    expect(toTensor(source, "x")).toEqual({ shape: [3], data: source });
    expect(toTensor(source, "x").data).toBe(source);
  });

  it("takes bigint arrays, Buffers and shared memory", () => {
    expect(toTensor(BigInt64Array.of(-1n), "x").data).toEqual(BigInt64Array.of(-1n));
    expect([...toTensor(Buffer.from([1, 2, 3]), "x").data]).toEqual([1, 2, 3]);
    const shared = new Float32Array(new SharedArrayBuffer(8));
    expect(toTensor(shared, "x")).toEqual({ shape: [2], data: shared });
  });

  it("takes the shape of nested arrays", () => {
    expect(
      toTensor(
        [
          [1, 2, 3],
          [4, 5, Number.NaN],
        ],
        "x",
      ),
    ).toEqual({
      shape: [2, 3],
      data: Float64Array.of(1, 2, 3, 4, 5, Number.NaN),
    });
    expect(toTensor([[[1], [2]]], "x").shape).toEqual([1, 2, 1]);
    expect(toTensor([], "x")).toEqual({ shape: [0], data: new Float64Array(0) });
    expect(toTensor([[], []], "x").shape).toEqual([2, 0]);
    expect(toTensor([Float32Array.of(1, 2), Float32Array.of(3, 4)], "x")).toEqual({
      shape: [2, 2],
      data: Float64Array.of(1, 2, 3, 4),
    });
    expect(toTensor([Number.MAX_VALUE, -0, -Infinity], "x").data).toEqual(
      Float64Array.of(Number.MAX_VALUE, -0, -Infinity),
    );
  });

  it("marks arrays of truth values, and only those", () => {
    expect(toTensor([[true, false]], "x")).toEqual({
      shape: [1, 2],
      data: Float64Array.of(1, 0),
      bool: true,
    });
    expect(toTensor([true, 2], "x")).toEqual({ shape: [2], data: Float64Array.of(1, 2) });
    expect(toTensor([], "x").bool).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ["a short row", [[1, 2], [3]], "ragged"],
    ["a number among rows", [[1, 2], 3], "ragged"],
    ["a row among numbers", [1, [2]], "an array of 1"],
    [
      "a deeper row",
      [
        [1, 2],
        [3, [4]],
      ],
      "an array of 1",
    ],
    ["a string", [1, "2"], 'the string "2" at flat position 1'],
    ["null", [null], "null"],
    ["a hole", new Array(2), "undefined"],
    ["a bigint", [1n], "a bigint"],
    ["bigint rows", [BigInt64Array.of(1n)], "a bigint"],
  ])("refuses arrays with %s", (_name, input, message) => {
    expect(() => toTensor(input as TensorInput, 'addHistogram("w")')).toThrow(invalid(message));
    expect(() => toTensor(input as TensorInput, 'addHistogram("w")')).toThrow(invalid('addHistogram("w")'));
  });

  it("refuses an array that contains itself, and one too large", () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => toTensor(loop as TensorInput, "x")).toThrow(invalid("nested deeper"));
    const row = new Array(70000).fill(0);
    expect(() => toTensor(new Array(70000).fill(row), "x")).toThrow(invalid("too large"));
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", "1"],
    ["a symbol", Symbol("x")],
    ["a function", () => 1],
    ["an empty object", {}],
    ["a date", new Date()],
    ["a DataView", new DataView(new ArrayBuffer(8))],
    ["an object without prototype", Object.create(null)],
    ["a shape alone", { shape: [1] }],
    ["data alone", { data: [1] }],
  ])("refuses %s", (_name, input) => {
    expect(() => toTensor(input as TensorInput, "x")).toThrow(invalid("x: "));
  });
});

describe("toValues", () => {
  it("flattens", () => {
    expect(
      toValues(
        [
          [1, 2],
          [3, 4],
        ],
        "x",
      ),
    ).toEqual(Float64Array.of(1, 2, 3, 4));
    const source = Float32Array.of(1);
    expect(toValues(source, "x")).toBe(source);
    expect(toValues(3, "x")).toEqual(Float64Array.of(3));
  });
});

describe("toScalar", () => {
  it("reads everything that is one number", () => {
    expect(toScalar(1.25, "x")).toBe(1.25);
    expect(toScalar(Number.NaN, "x")).toBeNaN();
    expect(toScalar(-0, "x")).toBe(-0);
    expect(toScalar(true, "x")).toBe(1);
    expect(toScalar(12n, "x")).toBe(12);
    expect(toScalar(Float32Array.of(1.1), "x")).toBe(Math.fround(1.1));
    expect(toScalar({ shape: [], dataSync: () => Float32Array.of(2) }, "x")).toBe(2);
    expect(toScalar({ shape: [1, 1], data: [3] }, "x")).toBe(3);
    expect(toScalar({ shape: [1], data: BigInt64Array.of(4n) }, "x")).toBe(4);
    expect(toScalar({ item: () => 5 }, "x")).toBe(5);
    expect(toScalar({ item: () => 6n }, "x")).toBe(6);
  });

  it.each<[string, unknown, string]>([
    ["a numeric string", "0.5", "pass Number(value)"],
    ["another string", "loss", 'the string "loss"'],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["an array", [1], "an array of 1"],
    ["an object", { loss: 1 }, "an object (Object)"],
    ["a date", new Date(), "Date"],
    ["two values", Float32Array.of(1, 2), "shape [2]"],
    ["no value", Float32Array.of(), "shape [0]"],
    ["a huge bigint", 10n ** 400n, "1.8e308"],
    ["an item() that gives text", { item: () => "1" }, "item()"],
    [
      "an item() that throws",
      {
        item() {
          throw new Error("several elements");
        },
      },
      "several elements",
    ],
  ])("refuses %s", (_name, input, message) => {
    expect(() => toScalar(input, 'addScalar("loss")')).toThrow(invalid(message));
    expect(() => toScalar(input, 'addScalar("loss")')).toThrow(invalid('addScalar("loss")'));
  });
});
