import { describe, expect, it } from "vitest";
import type { Tensor } from "#src/events/tensor.js";
import { audioLayout, encodeWav, sniffWav } from "#src/media/wav.js";
import { bytesOf, draw, fixture, fromBase64, typed } from "./fixtures/numbers.js";

interface SoundCase {
  dtype: string;
  kind: string;
  seed: number;
  n: number;
  channels: number;
  rate: number;
  file: string;
}

const cases = fixture<SoundCase[]>("sounds");

describe("encodeWav", () => {
  it.each(cases)(
    "equals Python's wave module with numpy's quantisation ($dtype, $channels channels)",
    (given) => {
      const samples = typed(draw(given.kind, given.seed, given.n), given.dtype);
      const file = encodeWav(samples, given.n / given.channels, given.channels, given.rate);
      expect(Buffer.from(file).toString("base64")).toBe(given.file);
    },
  );

  it("clips, truncates towards zero, and takes NaN as silence", () => {
    const samples = Float64Array.of(0.5, -0.5, 1, -1, 7, -Infinity, Number.NaN, -0.00001);
    const file = encodeWav(samples, 8, 1, 8000);
    const words = new Int16Array(file.buffer, 44);
    expect([...words]).toEqual([16383, -16383, 32767, -32767, 32767, -32767, 0, 0]);
  });

  it("multiplies float32 samples in float32", () => {
    // numpy keeps the type of the array, so the product is rounded to float32 before the cut.
    const near = Float32Array.from({ length: 1000 }, (_, i) => (i + 1) / 32767);
    const single = new Int16Array(encodeWav(near, 1000, 1, 8000).buffer, 44);
    const expected = Int16Array.from(near, (value) => Math.trunc(Math.fround(value * 32767)));
    expect(single).toEqual(expected);
    const double = new Int16Array(encodeWav(Float64Array.from(near), 1000, 1, 8000).buffer, 44);
    expect(double).not.toEqual(single);
  });

  it("rounds the rate and takes integers by value", () => {
    const file = encodeWav(BigInt64Array.of(1n, 0n, -1n), 3, 1, 44099.6);
    expect(sniffWav(file)).toEqual({ sampleRate: 44100, channels: 1, frames: 3 });
    expect([...new Int16Array(file.buffer, 44)]).toEqual([32767, 0, -32767]);
  });

  it("leaves 16-bit samples as they are", () => {
    const samples = Int16Array.of(0, 1, -2, 300, 32767, -32768);
    expect([...new Int16Array(encodeWav(samples, 6, 1, 8000).buffer, 44)]).toEqual([...samples]);
  });

  it.each([
    [3, 1, 8000],
    [2, 2, 8000],
    [2, 0, 8000],
    [2, 1, 0],
    [2, 1, Number.NaN],
    [2, 1, -5],
    [2, 1, 2 ** 32],
  ])("refuses %i frames of %i channels at %f Hz for two samples", (frames, channels, rate) => {
    expect(() => encodeWav(new Float32Array(2), frames, channels, rate)).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  });
});

describe("audioLayout", () => {
  const tensor = (shape: number[]): Tensor => ({
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
  });

  it.each([
    [[5], 5, 1],
    [[1, 5], 5, 1],
    [[5, 1], 5, 1],
    [[1, 2], 2, 1],
    [[2, 1], 2, 1],
    [[], 1, 1],
    [[1, 1, 5], 5, 1],
    [[1, 5, 1], 5, 1],
    [[5, 2], 5, 2],
    [[2, 2], 2, 2],
    [[1, 5, 2], 5, 2],
  ])("keeps the order of shape %o", (shape, frames, channels) => {
    const given = tensor(shape);
    expect(audioLayout(given)).toEqual({ samples: given.data, frames, channels });
  });

  it("interleaves [2, frames]", () => {
    expect(audioLayout(tensor([2, 3]))).toEqual({
      samples: Float32Array.of(0, 3, 1, 4, 2, 5),
      frames: 3,
      channels: 2,
    });
    const big = { shape: [2, 3], data: BigInt64Array.of(0n, 1n, 2n, 3n, 4n, 5n) };
    expect(audioLayout(big).samples).toEqual(BigInt64Array.of(0n, 3n, 1n, 4n, 2n, 5n));
  });

  it.each([[[0]], [[0, 2]], [[3, 3]], [[5, 6]], [[2, 2, 2]]])("refuses shape %o", (shape) => {
    expect(() => audioLayout(tensor(shape))).toThrow(expect.objectContaining({ code: "invalid-value" }));
  });

  it("refuses data of another length than the shape", () => {
    expect(() => audioLayout({ shape: [5], data: new Float32Array(4) })).toThrow("not understood");
  });
});

describe("sniffWav", () => {
  it.each(cases)(
    "reads files of Python's wave module ($dtype, $channels channels)",
    ({ file, rate, channels, n }) => {
      expect(sniffWav(fromBase64(file))).toEqual({ sampleRate: rate, channels, frames: n / channels });
    },
  );

  it("counts the frames that are there, and skips other chunks", () => {
    const file = fromBase64(cases[0]!.file);
    expect(sniffWav(file.subarray(0, 44 + 21))?.frames).toBe(10);
    const list = new TextEncoder().encode("LIST\u0003\0\0\0abc\0");
    const longer = Uint8Array.of(...file.subarray(0, 12), ...list, ...file.subarray(12));
    expect(sniffWav(longer)).toEqual(sniffWav(file));
    const streamed = file.slice();
    streamed.fill(0xff, 40, 44);
    expect(sniffWav(streamed)).toEqual(sniffWav(file));
  });

  it("never throws on cut or foreign bytes", () => {
    const file = fromBase64(cases[0]!.file);
    for (let length = 0; length < 44; length++) expect(sniffWav(file.subarray(0, length))).toBeUndefined();
    for (let seed = 0; seed < 100; seed++) expect(sniffWav(bytesOf(seed, 100))).toBeUndefined();
    for (const [at, value] of [
      [22, 0],
      [32, 0],
    ] as const) {
      const damaged = file.slice();
      damaged.fill(value, at, at + 2);
      expect(sniffWav(damaged)).toBeUndefined();
    }
  });
});
