import { describe, expect, it } from "vitest";
import { type TensorInput, toTensor } from "#src/media/tensor-input.js";

const invalid = (text: string) =>
  expect.objectContaining({ code: "invalid-value", message: expect.stringContaining(text) });

describe("toTensor of other libraries' tensors", () => {
  it("reads TensorFlow.js tensors through dataSync, never the asynchronous data", () => {
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    const tensor = {
      shape: [2, 3],
      dtype: "float32",
      dataSync: () => values,
      data: () => Promise.reject(new Error("no")),
    };
    expect(toTensor(tensor, "x")).toEqual({ shape: [2, 3], data: values });
    const bool = { shape: [2], dtype: "bool", dataSync: () => Uint8Array.of(1, 0) };
    expect(toTensor(bool, "x")).toEqual({ shape: [2], data: Uint8Array.of(1, 0), bool: true });
  });

  it("passes our own tensors through", () => {
    const own = { shape: [1, 2], data: Uint8Array.of(1, 0), bool: true as const };
    expect(toTensor(own, "x")).toEqual(own);
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
