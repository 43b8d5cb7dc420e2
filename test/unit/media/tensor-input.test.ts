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
  ])("copies a %o and keeps its type", (Type) => {
    const source = new Type([1, 2, 3, 4]);
    const { data, shape } = toTensor(source.subarray(1), "x");
    source.fill(9);
    expect(data.constructor).toBe(Type);
    expect(shape).toEqual([3]);
    expect([...data]).toEqual([2, 3, 4]);
    expect(data.buffer.byteLength).toBe(3 * Type.BYTES_PER_ELEMENT);
  });

  it("copies bigint arrays, Buffers and shared memory", () => {
    expect(toTensor(BigInt64Array.of(-1n), "x").data).toEqual(BigInt64Array.of(-1n));
    const buffer = Buffer.from([1, 2, 3]);
    const { data } = toTensor(buffer, "x");
    buffer[0] = 9;
    expect(data.constructor).toBe(Uint8Array);
    expect([...data]).toEqual([1, 2, 3]);
    const shared = new Float32Array(new SharedArrayBuffer(8));
    expect(toTensor(shared, "x").data.buffer).toBeInstanceOf(ArrayBuffer);
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

describe("toTensor of other libraries' tensors", () => {
  it("reads TensorFlow.js tensors through dataSync, never the asynchronous data", () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const tensor = {
      shape: [2, 3],
      dtype: "float32",
      dataSync: () => values,
      data: () => Promise.reject(new Error("no")),
    };
    const copy = toTensor(tensor, "x");
    values.fill(0);
    expect(copy).toEqual({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const bool = { shape: [2], dtype: "bool", dataSync: () => Uint8Array.of(1, 0) };
    expect(toTensor(bool, "x")).toEqual({ shape: [2], data: Uint8Array.of(1, 0), bool: true });
  });

  it("passes our own tensors through as copies", () => {
    const own = { shape: [1, 2], data: Uint8Array.of(1, 0), bool: true as const };
    expect(toTensor(own, "x")).toEqual(own);
    expect(toTensor(own, "x").data).not.toBe(own.data);
  });

  it("reads plain data, data from functions, and dims with type", () => {
    expect(toTensor({ shape: [3], data: [1, 2, 3] }, "x").data).toEqual(Float64Array.of(1, 2, 3));
    expect(toTensor({ shape: [], data: [4] }, "x")).toEqual({ shape: [], data: Float64Array.of(4) });
    expect(toTensor({ shape: [1], data: () => Int32Array.of(5) }, "x").data).toEqual(Int32Array.of(5));
    const onnx = { dims: [2, 1], type: "bool", data: Uint8Array.of(1, 0) };
    expect(toTensor(onnx, "x")).toEqual({ shape: [2, 1], data: Uint8Array.of(1, 0), bool: true });
  });

  it("widens half floats given as bits", () => {
    // Bit patterns of IEEE 754 binary16: 1, -2, 65504 (largest), 2^-24 (smallest), infinity, NaN, -0.
    const data = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x7e00, 0x8000);
    expect(toTensor({ dims: [7], type: "float16", data }, "x").data).toEqual(
      Float32Array.of(1, -2, 65504, 2 ** -24, Infinity, Number.NaN, -0),
    );
  });

  it("follows the strides of ndarray views", () => {
    const data = Float32Array.of(0, 1, 2, 3, 4, 5);
    const transposed = { shape: [3, 2], stride: [1, 3], offset: 0, data };
    expect([...toTensor(transposed, "x").data]).toEqual([0, 3, 1, 4, 2, 5]);
    const reversed = { shape: [2], stride: [-2], offset: 5, data };
    expect([...toTensor(reversed, "x").data]).toEqual([5, 3]);
    const slice = { shape: [2, 1], stride: [3, 1], offset: 2, data: [0, 1, 2, 3, 4, 5] };
    expect([...toTensor(slice, "x").data]).toEqual([2, 5]);
    expect(() => toTensor({ shape: [3], stride: [3], offset: 0, data }, "x")).toThrow(invalid("outside"));
    expect(() => toTensor({ shape: [2 ** 40], stride: [0], offset: 0, data }, "x")).toThrow(
      invalid("too large"),
    );
  });

  it.each<[string, unknown, string]>([
    [
      "another number of values",
      { shape: [2, 2], data: [1, 2, 3] },
      "asks for 4 values, but the data have 3",
    ],
    ["a negative size", { shape: [-1], data: [] }, "not a list of sizes"],
    ["an unknown size", { shape: [null, 3], data: [1, 2, 3] }, "not a list of sizes"],
    ["complex values", { shape: [1], dtype: "complex64", dataSync: () => Float32Array.of(1, 0) }, "complex"],
    ["strings", { shape: [1], dtype: "string", dataSync: () => ["a"] }, "a"],
    ["no values", { shape: [1], dtype: "string", dataSync: () => undefined }, "dtype string"],
    ["asynchronous data", { shape: [1], data: () => Promise.reject(new Error("late")) }, "asynchronous"],
    [
      "disposed data",
      {
        shape: [1],
        dataSync: () => {
          throw new Error("Tensor is disposed.");
        },
      },
      "Tensor is disposed.",
    ],
  ])("refuses a tensor with %s", (_name, input, message) => {
    expect(() => toTensor(input as TensorInput, "x")).toThrow(invalid(message));
  });
});

describe("toValues", () => {
  it("flattens and copies", () => {
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
    expect(toValues(source, "x")).not.toBe(source);
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
