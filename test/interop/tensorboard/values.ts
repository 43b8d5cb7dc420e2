import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import type { NumericArray, Tensor } from "#src/events/tensor.js";

/** JSON, with descriptions of what JSON cannot hold (see {@link Description}). */
export type CaseValue =
  | null
  | boolean
  | number
  | string
  | readonly CaseValue[]
  | { readonly [key: string]: CaseValue };

/** What a decoded description is on our side. */
export type Decoded =
  | null
  | boolean
  | number
  | string
  | Tensor
  | Uint8Array
  | readonly Decoded[]
  | { readonly [key: string]: Decoded };

type DType = keyof typeof arrayOf | "bool";
type Nested = number | string | readonly Nested[];

/** An array described in plain JSON; `python/values.py` makes the same numbers of it, bit for bit. */
type ArrayDescription = { readonly dtype?: DType } & (
  | { readonly $array: Nested }
  | { readonly $arange: readonly number[]; readonly start?: number; readonly step?: number }
  | {
      readonly $normal: readonly number[];
      readonly seed: number;
      readonly mean?: number;
      readonly std?: number;
    }
  | {
      readonly $rand: readonly number[];
      readonly seed: number;
      readonly low?: number;
      readonly high?: number;
    }
);

/** A number JSON lacks, an array, a picture of pixels (height, width, 3), or a file of the inputs folder. */
export type Description =
  | { readonly $num: "NaN" | "Infinity" | "-Infinity" | "-0" }
  | ArrayDescription
  | { readonly $figure: ArrayDescription }
  | { readonly $file: string };

const arrayOf = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
};

/** A linear congruential generator with exact integer arithmetic: doubles in [0, 1) that any language repeats. */
function uniforms(seed: number, count: number): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  });
}

function typed(values: readonly number[], shape: readonly number[], dtype: DType): Tensor {
  if (dtype === "bool") return { shape, data: Uint8Array.from(values, (v) => (v ? 1 : 0)), bool: true };
  if (dtype === "int64") return { shape, data: BigInt64Array.from(values, (v) => BigInt(Math.floor(v))) };
  const isFloat = dtype === "float32" || dtype === "float64";
  const data: NumericArray = arrayOf[dtype].from(isFloat ? values : values.map(Math.floor));
  return { shape, data };
}

const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

function shapeOf(nested: Nested): number[] {
  if (!Array.isArray(nested)) return [];
  return [nested.length, ...(nested.length > 0 ? shapeOf(nested[0] as Nested) : [])];
}

function leavesOf(nested: Nested): (number | string)[] {
  return typeof nested === "object" ? nested.flatMap(leavesOf) : [nested];
}

function describedArray(description: ArrayDescription): Tensor {
  const dtype = description.dtype ?? "float32";
  if ("$array" in description) {
    const nested = description.$array;
    return typed(leavesOf(nested).map(Number), shapeOf(nested), dtype);
  }
  if ("$arange" in description) {
    const { $arange: shape, start = 0, step = 1 } = description;
    return typed(
      Array.from({ length: product(shape) }, (_, i) => start + i * step),
      shape,
      dtype,
    );
  }
  if ("$normal" in description) {
    const { $normal: shape, seed, mean = 0, std = 1 } = description;
    const draws = uniforms(seed, 12 * product(shape));
    const values = Array.from({ length: product(shape) }, (_, i) => {
      const total = draws.slice(12 * i, 12 * i + 12).reduce((sum, draw) => sum + draw, 0);
      return mean + std * (total - 6);
    });
    return typed(values, shape, dtype);
  }
  const { $rand: shape, seed, low = 0, high = 1 } = description;
  return typed(
    uniforms(seed, product(shape)).map((u) => low + u * (high - low)),
    shape,
    dtype,
  );
}

function pngOf(pixels: Tensor): Uint8Array {
  const [height, width] = pixels.shape as [number, number];
  const png = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++)
      png.data[4 * i + channel] = Number(pixels.data[3 * i + channel]);
    png.data[4 * i + 3] = 255;
  }
  return PNG.sync.write(png, { colorType: 2 });
}

/** `inputs` is the folder of the files that calls name. */
export function decodeValue(value: CaseValue, inputs: string): Decoded {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item: CaseValue) => decodeValue(item, inputs));
  const description = value as Description;
  if ("$num" in description) return Number(description.$num);
  if ("$file" in description) return new Uint8Array(readFileSync(join(inputs, description.$file)));
  if ("$figure" in description) return pngOf(describedArray(description.$figure));
  if (["$array", "$arange", "$normal", "$rand"].some((key) => key in description)) {
    return describedArray(description as ArrayDescription);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, decodeValue(item, inputs)]));
}
