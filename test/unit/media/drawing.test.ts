import { describe, expect, it } from "vitest";
import { drawBoxes } from "#src/media/boxes.js";
import type { Pixels } from "#src/media/image-pixels.js";
import { rescale, resize } from "#src/media/resize.js";
import { bytesOf, fixture, fromBase64 } from "./fixtures/numbers.js";

const invalid = expect.objectContaining({ code: "invalid-value" });

function blank(width: number, height: number, channels: 2 | 3 | 4 = 3): Pixels {
  return { pixels: new Uint8Array(width * height * channels), width, height, channels };
}

describe("resize", () => {
  type Case = {
    seed: number;
    channels: number;
    size: [number, number];
    new: [number, number];
    pixels: string;
  };

  it.each(fixture<Case[]>("resized"))(
    "equals Pillow's Lanczos, $size to $new with $channels channels",
    (given) => {
      const [width, height] = given.size;
      const before = bytesOf(given.seed, width * height * given.channels);
      const copy = before.slice();
      const after = resize(before, width, height, given.channels, ...given.new);
      expect(Buffer.from(after).toString("base64")).toBe(given.pixels);
      expect(before).toEqual(copy);
    },
  );

  it("copies when nothing changes", () => {
    const pixels = bytesOf(1, 12);
    expect(resize(pixels, 2, 2, 3, 2, 2)).toEqual(pixels);
    expect(resize(pixels, 2, 2, 3, 2, 2)).not.toBe(pixels);
  });

  it("keeps a plain colour plain", () => {
    for (const [width, height] of [
      [1, 1],
      [3, 40],
      [41, 2],
      [100, 100],
    ] as const) {
      expect(new Set(resize(new Uint8Array(15 * 14).fill(77), 15, 14, 1, width, height))).toEqual(
        new Set([77]),
      );
    }
  });

  it.each([
    [0, 5],
    [5, 0],
    [1.5, 5],
    [Number.NaN, 5],
    [-1, 5],
  ])("refuses a size of %f x %f", (width, height) => {
    expect(() => resize(new Uint8Array(4), 2, 2, 1, width, height)).toThrow(invalid);
  });

  it("refuses pixels of another size", () => {
    expect(() => resize(new Uint8Array(5), 2, 2, 1, 4, 4)).toThrow(invalid);
  });
});

describe("rescale", () => {
  it("cuts sides to whole pixels, one at least", () => {
    const sizes = (factor: number) => {
      const { width, height, pixels } = rescale(blank(5, 3), factor);
      return [width, height, pixels.length];
    };
    expect(sizes(0.5)).toEqual([2, 1, 6]);
    expect(sizes(0.01)).toEqual([1, 1, 3]);
    expect(sizes(2)).toEqual([10, 6, 180]);
    for (const factor of [0, -1, Number.NaN, Infinity]) expect(() => sizes(factor)).toThrow(invalid);
  });
});

describe("drawBoxes", () => {
  const one = (...corners: number[]) => ({ shape: [1, 4], data: Float64Array.from(corners) });
  const text = ({ pixels, width, height, channels }: Pixels) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => (pixels[(y * width + x) * channels] ? "#" : ".")).join(""),
    );

  it("lies within a pixel of Pillow's lines of width 2, everywhere", () => {
    type Case = { width: number; height: number; box: number[]; pixels: string };
    for (const { width, height, box, pixels } of fixture<Case[]>("boxes")) {
      const ours = text(drawBoxes(blank(width, height), one(...box)));
      const theirs = text({ ...blank(width, height), pixels: fromBase64(pixels) });
      for (const [from, to] of [
        [ours, theirs],
        [theirs, ours],
      ] as const) {
        from.forEach((row, y) => {
          [...row].forEach((mark, x) => {
            // At the border of the picture the neighbour may lie outside.
            const inner = x > 0 && y > 0 && x < width - 1 && y < height - 1;
            const near = [y - 1, y, y + 1].some((ny) =>
              to[ny]?.slice(Math.max(0, x - 1), x + 2).includes("#"),
            );
            if (mark === "#" && inner) expect(near, JSON.stringify({ box, x, y, ours, theirs })).toBe(true);
          });
        });
      }
    }
  });

  it("covers the outermost two pixels of the box", () => {
    expect(text(drawBoxes(blank(9, 8), one(1.9, 1.2, 7.5, 6.9)))).toEqual([
      ".........",
      ".#######.",
      ".#######.",
      ".##...##.",
      ".##...##.",
      ".#######.",
      ".#######.",
      ".........",
    ]);
    expect(text(drawBoxes(blank(4, 3), one(1, 1, 1, 1)))).toEqual(["....", ".#..", "...."]);
  });

  it("does not change the picture it is given", () => {
    const picture = blank(9, 9);
    drawBoxes(picture, one(1, 1, 6, 6), ["a"]);
    expect(picture).toEqual(blank(9, 9));
  });

  it("writes labels black on a red bar at the bottom left inside the box", () => {
    const drawn = drawBoxes(blank(24, 20), one(2, 3, 20, 17), ["Hi"]);
    // The outline in red, in the bar the letters in black. They show as holes because the picture is black too.
    expect(text(drawn)).toEqual([
      "........................",
      "........................",
      "........................",
      "..###################...",
      "..###################...",
      "..##...............##...",
      "..##...............##...",
      "..##...............##...",
      "..#############....##...",
      "..#.###.###.###....##...",
      "..#.###.#######....##...",
      "..#.###.##..###....##...",
      "..#.....###.###....##...",
      "..#.###.###.###....##...",
      "..#.###.###.###....##...",
      "..#.###.##...##....##...",
      "..###################...",
      "..###################...",
      "........................",
      "........................",
    ]);
  });

  it("draws no label when there is not one a box, and a frame for characters it lacks", () => {
    const plain = drawBoxes(blank(20, 20), one(1, 1, 18, 18));
    expect(drawBoxes(blank(20, 20), one(1, 1, 18, 18), ["a", "b"])).toEqual(plain);
    expect(drawBoxes(blank(20, 20), one(1, 1, 18, 18), [""])).toEqual(plain);
    const emoji = drawBoxes(blank(20, 20), one(1, 1, 18, 18), ["😀"]);
    expect(emoji).toEqual(drawBoxes(blank(20, 20), one(1, 1, 18, 18), ["é"]));
    expect(emoji).not.toEqual(drawBoxes(blank(20, 20), one(1, 1, 18, 18), [" "]));
  });

  it("gives every printable character a shape of its own", () => {
    const shapes = Array.from({ length: 95 }, (_, i) =>
      text(drawBoxes(blank(12, 14), one(0, 0, 11, 12), [String.fromCharCode(32 + i)])).join("\n"),
    );
    expect(new Set(shapes).size).toBe(95);
  });

  it("writes red into pictures with and without alpha", () => {
    expect([...drawBoxes(blank(2, 2, 4), one(0, 0, 1, 1)).pixels.subarray(0, 4)]).toEqual([255, 0, 0, 255]);
    // Luminance of pure red by ITU-R 601: 0.299 * 255.
    expect([...drawBoxes(blank(2, 2, 2), one(0, 0, 1, 1)).pixels.subarray(0, 2)]).toEqual([76, 255]);
  });

  it("takes swapped corners, one box without a row, and cuts off what lies outside", () => {
    const drawn = drawBoxes(blank(12, 12), one(2, 3, 8, 9));
    expect(drawBoxes(blank(12, 12), one(8, 9, 2, 3))).toEqual(drawn);
    expect(drawBoxes(blank(12, 12), { shape: [4], data: Uint8Array.of(2, 3, 8, 9) })).toEqual(drawn);
    expect(drawBoxes(blank(5, 5), one(-1e9, -1e9, 1e9, 1e9), ["far"])).toEqual(blank(5, 5));
    expect(drawBoxes(blank(5, 5), one(Number.NaN, 0, 3, Infinity))).toEqual(blank(5, 5));
    expect(drawBoxes(blank(5, 5), { shape: [0, 4], data: new Float32Array(0) })).toEqual(blank(5, 5));
    const long = "x".repeat(1e6);
    expect(drawBoxes(blank(9, 20), one(0, 0, 8, 19), [long]).pixels.length).toBe(9 * 20 * 3);
  });

  it.each([[[4, 1]], [[3]], [[1, 1, 4]], [[]], [[2, 4]]])("refuses corners of shape %o", (shape) => {
    expect(() => drawBoxes(blank(5, 5), { shape, data: new Float32Array(4) })).toThrow(invalid);
  });
});
