import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { encodePng } from "#src/media/png.js";
import { bytesOf, Random } from "./fixtures/numbers.js";

/** What pngjs makes of our pixels: always RGBA. */
function expand(pixels: Uint8Array, channels: number): Uint8Array {
  const out = new Uint8Array((pixels.length / channels) * 4);
  for (let i = 0; i < out.length / 4; i++) {
    const p = pixels.subarray(i * channels, (i + 1) * channels);
    const color = channels <= 2 ? [p[0]!, p[0]!, p[0]!] : [p[0]!, p[1]!, p[2]!];
    out.set([...color, channels === 2 ? p[1]! : channels === 4 ? p[3]! : 255], 4 * i);
  }
  return out;
}

describe("encodePng", () => {
  it.each([1, 2, 3, 4] as const)(
    "is read back by pngjs with %i channels, small and large, smooth and noisy",
    (channels) => {
      const random = new Random(channels);
      for (const [width, height] of [
        [1, 1],
        [1, 9],
        [9, 1],
        [17, 5],
        [255, 257],
        [300, 200],
      ] as const) {
        const noise = bytesOf(random.word(), width * height * channels);
        const smooth = noise.map((_, i) => Math.floor(i / width / channels) + (i % 7));
        for (const pixels of [noise, smooth]) {
          const decoded = PNG.sync.read(Buffer.from(encodePng(pixels, width, height, channels)));
          expect([decoded.width, decoded.height]).toEqual([width, height]);
          expect(Buffer.compare(decoded.data, expand(pixels, channels))).toBe(0);
        }
      }
    },
  );

  it("writes the colour type of the channel count", () => {
    // Colour type is byte 25: gray 0, gray+alpha 4, RGB 2, RGBA 6 (PNG specification, 11.2.2).
    const types = ([1, 2, 3, 4] as const).map(
      (channels) => encodePng(new Uint8Array(channels), 1, 1, channels)[25],
    );
    expect(types).toEqual([0, 4, 2, 6]);
  });

  it("compresses smooth pictures", () => {
    const pixels = new Uint8Array(512 * 512 * 3).map((_, i) => Math.floor(i / 1536 / 2));
    expect(encodePng(pixels, 512, 512, 3).length).toBeLessThan(10_000);
  });

  it.each([
    [0, 1, 0],
    [1, 0, 0],
    [2, 2, 11],
    [1.5, 2, 9],
    [-1, -1, 3],
    [Number.NaN, 1, 3],
    [2 ** 31, 1, 3],
  ])("refuses %i x %i with %i bytes", (width, height, length) => {
    expect(() => encodePng(new Uint8Array(length), width, height, 3)).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  });
});
