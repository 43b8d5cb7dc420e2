import { describe, expect, it } from "vitest";
import type { Tensor } from "#src/events/tensor.js";
import { checkLayout, toImages, toPixels } from "#src/media/image-pixels.js";
import { embeddingSprite } from "#src/media/sprite.js";
import { tileVideo } from "#src/media/video-tiles.js";
import { bytesOf, draw, fixture, typed } from "./fixtures/numbers.js";

interface GridCase {
  layout: string;
  shape: number[];
  seed: number;
  width: number;
  height: number;
  channels: number;
  pixels: string;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const bytes = (shape: number[], seed = 1): Tensor => ({ shape, data: bytesOf(seed, sizeOf(shape)) });
const base64 = (data: Uint8Array) => Buffer.from(data).toString("base64");

describe("toPixels", () => {
  const grids = fixture<GridCase[]>("grids");

  it.each(grids)("equals numpy's arrangement of $layout $shape", (given) => {
    const image = { tensor: bytes(given.shape, given.seed), layout: given.layout };
    const { pixels, width, height, channels } = toPixels(image);
    expect([width, height, channels]).toEqual([given.width, given.height, given.channels]);
    expect(base64(pixels)).toBe(given.pixels);
    expect(toPixels({ ...image, layout: given.layout.toLowerCase() }).pixels).toEqual(pixels);
  });

  it("scales as torch does, in float32", () => {
    for (const given of fixture<{ dtype: string; kind: string; seed: number; n: number; image: string }[]>(
      "quantized",
    )) {
      const data = typed(draw(given.kind, given.seed, given.n), given.dtype);
      // Three equal channels: every third byte is the value itself.
      const { pixels } = toPixels({ tensor: { shape: [1, given.n], data }, layout: "HW" });
      expect(base64(pixels.filter((_, i) => i % 3 === 0))).toBe(given.image);
    }
  });

  it("clips, and takes NaN as black", () => {
    const data = Float32Array.of(0.5, 1.5, -1, Number.NaN, Infinity, -Infinity);
    const { pixels } = toPixels({ tensor: { shape: [1, 2, 3], data }, layout: "HWC" });
    expect([...pixels]).toEqual([127, 255, 0, 0, 255, 0]);
  });

  it("keeps bytes, and multiplies everything else, truth values and integers too", () => {
    const first = (tensor: Tensor) => toPixels({ tensor, layout: "HW" }).pixels[0];
    expect(first({ shape: [1, 1], data: Uint8Array.of(1) })).toBe(1);
    expect(first({ shape: [1, 1], data: Uint8ClampedArray.of(200) })).toBe(200);
    expect(first({ shape: [1, 1], data: Uint8Array.of(1), bool: true })).toBe(255);
    expect(first({ shape: [1, 1], data: Int32Array.of(1) })).toBe(255);
    expect(first({ shape: [1, 1], data: BigInt64Array.of(1n) })).toBe(255);
  });

  it("reads a view in the middle of a buffer", () => {
    const data = Uint8Array.of(9, 9, 1, 2, 3, 9).subarray(2, 5);
    expect([...toPixels({ tensor: { shape: [1, 1, 3], data }, layout: "HWC" }).pixels]).toEqual([1, 2, 3]);
  });

  it("refuses data of another size than the shape", () => {
    const tensor = { shape: [1000000, 1000000], data: new Uint8Array(5) };
    expect(() => toPixels({ tensor, layout: "HW" })).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  });
});

describe("toImages", () => {
  it("gives each picture of a batch by itself", () => {
    const tensor = bytes([2, 3, 2, 2]);
    const images = toImages({ tensor, layout: "NCHW" });
    expect(images).toHaveLength(2);
    images.forEach((image, index) => {
      const single = {
        shape: [3, 2, 2],
        data: (tensor.data as Uint8Array).slice(12 * index, 12 * (index + 1)),
      };
      expect(image).toEqual(toPixels({ tensor: single, layout: "CHW" }));
    });
    const last = { tensor: bytes([2, 3, 1, 4]), layout: "HWCN" };
    expect(toImages(last).map(({ pixels }) => pixels[0])).toEqual([...last.tensor.data.slice(0, 4)]);
  });

  it("gives one picture of a tensor without a batch", () => {
    const image = { tensor: bytes([2, 3]), layout: "HW" };
    expect(toImages(image)).toEqual([toPixels(image)]);
  });
});

describe("checkLayout", () => {
  it.each<[string, number[], "image" | "video"]>([
    ["hw", [1, 1], "image"],
    ["WhC", [4, 5, 2], "image"],
    ["CNHW", [4, 5, 2, 1], "image"],
    ["NTCHW", [1, 2, 3, 4, 5], "video"],
    ["thwc", [1, 2, 3, 4], "video"],
  ])("accepts %s %o", (layout, shape, kind) => {
    expect(() => checkLayout(layout, shape, "x", kind)).not.toThrow();
  });

  it.each<[string, number[], "image" | "video"]>([
    ["CHW", [3, 4], "image"],
    ["CHW", [3, 4, 5, 6], "image"],
    ["CHW", [5, 4, 4], "image"],
    ["HWC", [3, 32, 32], "image"],
    ["HHW", [3, 4, 5], "image"],
    ["NHW", [3, 4, 5], "image"],
    ["XYZ", [3, 4, 5], "image"],
    ["", [], "image"],
    ["CHW", [3, 0, 5], "image"],
    ["NCHW", [0, 3, 4, 5], "image"],
    ["CHW", [3, Number.NaN, 5], "image"],
    ["NTCHW", [1, 1, 3, 2, 2], "image"],
    ["NCHW", [1, 3, 2, 2], "video"],
    ["NTCHW", [1, 1, 2, 2, 2], "video"],
  ])("refuses %s %o and names both", (layout, shape, kind) => {
    const call = () => checkLayout(layout, shape, 'addImage("a")', kind);
    expect(call).toThrow(expect.objectContaining({ code: "invalid-value" }));
    expect(call).toThrow(/^addImage\("a"\): /);
    expect(call).toThrow(`"${layout}"`);
  });
});

describe("tileVideo", () => {
  const videos = fixture<(Omit<GridCase, "pixels"> & { frames: string[] })[]>("videos");

  it.each(videos)("equals numpy's arrangement of $layout $shape", (given) => {
    const video = tileVideo({ tensor: bytes(given.shape, given.seed), layout: given.layout });
    expect([video.width, video.height, video.channels]).toEqual([given.width, given.height, given.channels]);
    expect(video.frames.map(base64)).toEqual(given.frames);
  });

  it("leaves alpha out and scales floating-point values", () => {
    const data = Float32Array.of(0, 0.5, 1, 0.25, 1, 0, 0.1, 0);
    const { frames, channels } = tileVideo({ tensor: { shape: [1, 1, 2, 4], data }, layout: "THWC" });
    expect(channels).toBe(4);
    expect(frames.map((frame) => [...frame])).toEqual([[0, 127, 255, 255, 0, 25]]);
  });

  it("refuses another number of axes", () => {
    expect(() => tileVideo({ tensor: bytes([1, 3, 2, 2]), layout: "NTCHW" })).toThrow("NTCHW");
  });
});

describe("embeddingSprite", () => {
  it("arranges the pictures on a square, black where none is", () => {
    const images = bytes([5, 3, 2, 2], 6);
    const sprite = embeddingSprite(images);
    // Five pictures: three columns, and a canvas three pictures wide and high.
    expect([sprite.width, sprite.height, sprite.imageWidth, sprite.imageHeight]).toEqual([6, 6, 2, 2]);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 6; x++) {
        const index = Math.floor(y / 2) * 3 + Math.floor(x / 2);
        for (let c = 0; c < 3; c++) {
          const expected = index < 5 ? images.data[index * 12 + c * 4 + (y % 2) * 2 + (x % 2)] : 0;
          expect(sprite.pixels[(y * 6 + x) * 3 + c]).toBe(expected);
        }
      }
    }
  });

  it("scales as torch does, in float64", () => {
    const cases =
      fixture<{ dtype: string; kind: string; seed: number; n: number; sprite: string }[]>("quantized");
    for (const { dtype, kind, seed, n, sprite } of cases) {
      const data = typed(draw(kind, seed, n), dtype);
      const { pixels } = embeddingSprite({ shape: [1, 1, 1, n], data });
      expect(base64(pixels.subarray(0, 3 * n).filter((_, i) => i % 3 === 0))).toBe(sprite);
    }
  });

  it("makes room for pictures higher than wide", () => {
    const sprite = embeddingSprite(bytes([4, 1, 5, 2]));
    expect([sprite.width, sprite.height, sprite.pixels.length]).toEqual([4, 10, 120]);
  });

  it.each([[[4, 2, 2, 2]], [[4, 4, 2, 2]], [[3, 2, 2]], [[0, 3, 2, 2]], [[1, 3, 0, 2]]])(
    "refuses shape %o",
    (shape) => {
      expect(() => embeddingSprite(bytes(shape))).toThrow(expect.objectContaining({ code: "invalid-value" }));
    },
  );

  it("keeps bytes", () => {
    const sprite = embeddingSprite({ shape: [1, 1, 1, 2], data: Uint8Array.of(1, 254) });
    expect([...sprite.pixels.subarray(0, 6)]).toEqual([1, 1, 1, 254, 254, 254]);
  });
});
