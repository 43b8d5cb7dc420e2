import { describe, expect, it } from "vitest";
import { encodeGif } from "#src/media/gif.js";
import { readGif } from "./fixtures/gif-reader.js";
import { bytesOf, fixture, fromBase64, Random } from "./fixtures/numbers.js";

/** A picture of `colors` random colours, each used at least once. */
function picture(seed: number, size: number, colors: number): Uint8Array {
  const random = new Random(seed);
  const palette = Array.from({ length: colors }, (_, i) => [i, random.byte(), random.byte()]);
  const out = new Uint8Array(3 * size);
  for (let i = 0; i < size; i++) out.set(palette[i < colors ? i : random.word() % colors]!, 3 * i);
  return out;
}

describe("the test's own decoder", () => {
  it("reads Pillow's animation", () => {
    const given = fixture<{ width: number; height: number; file: string; frames: string[] }>("animation");
    const animation = readGif(fromBase64(given.file));
    expect([animation.width, animation.height, animation.loops]).toEqual([given.width, given.height, 0]);
    expect(animation.frames.map(({ rgb }) => Buffer.from(rgb).toString("base64"))).toEqual(given.frames);
    expect(animation.frames.map(({ delay }) => delay)).toEqual([7, 7, 7]);
  });
});

describe("encodeGif", () => {
  it.each([1, 2, 3, 4, 5, 16, 17, 128, 129, 255, 256])("keeps %i colours exactly", (colors) => {
    for (const [width, height] of [
      [16, 16],
      [97, 101],
      [300, 1],
    ] as const) {
      const frames = [1, 2, 3].map((seed) => picture(seed, width * height, colors));
      const animation = readGif(encodeGif(frames, width, height, 0.25));
      expect([animation.width, animation.height, animation.loops]).toEqual([width, height, 0]);
      animation.frames.forEach((frame, i) => {
        expect(Buffer.compare(frame.rgb, frames[i]!)).toBe(0);
        expect(frame.delay).toBe(25);
      });
      expect(animation.frames).toHaveLength(3);
    }
  });

  it("keeps every length of pixel data, where codes change their width", () => {
    // Runs and noise drive the dictionary to its steps at 2^k entries and past 4096.
    for (let size = 1; size <= 700; size++) {
      const frame = picture(size, size, 2 + (size % 3));
      expect(Buffer.compare(readGif(encodeGif([frame], size, 1, 1)).frames[0]!.rgb, frame)).toBe(0);
    }
    for (const size of [3837, 3838, 3839, 3840, 3841, 3842, 3843, 8000, 65535]) {
      for (const colors of [2, 256]) {
        const frame = picture(size, size, colors);
        expect(Buffer.compare(readGif(encodeGif([frame], size, 1, 1)).frames[0]!.rgb, frame)).toBe(0);
      }
    }
  });

  it("approximates photographs closely", () => {
    const side = 128;
    const random = new Random(9);
    const photo = new Uint8Array(side * side * 3);
    for (let i = 0; i < side * side; i++) {
      const x = i % side;
      const y = Math.floor(i / side);
      const noise = (random.byte() - 128) / 32;
      photo.set([40 + x + noise, 60 + y + noise, 128 + 90 * Math.sin((x + y) / 30)].map(Math.round), 3 * i);
    }
    const { rgb, colors } = readGif(encodeGif([photo], side, side, 1)).frames[0]!;
    expect(colors).toBe(256);
    let squares = 0;
    rgb.forEach((value, i) => {
      squares += (value - photo[i]!) ** 2;
    });
    // Pillow 13's median cut without dithering reaches 35.97 dB on this very picture, its other two 35.3 and 33.1.
    expect(10 * Math.log10(255 ** 2 / (squares / rgb.length))).toBeGreaterThan(35.3);
  });

  it("stays within 256 colours and the right size on noise", () => {
    const frame = bytesOf(4, 100 * 100 * 3);
    const decoded = readGif(encodeGif([frame, frame], 100, 100, 0.1));
    expect(decoded.frames).toHaveLength(2);
    expect(decoded.frames[0]!.colors).toBeLessThanOrEqual(256);
  });

  it("keeps the length of the whole and never flickers by", () => {
    const delays = (count: number, seconds: number) =>
      readGif(
        encodeGif(
          Array.from({ length: count }, () => new Uint8Array(3)),
          1,
          1,
          seconds,
        ),
      ).frames.map((f) => f.delay);
    expect(delays(6, 1 / 30)).toEqual([3, 4, 3, 3, 4, 3]);
    expect(delays(4, 1 / 4)).toEqual([25, 25, 25, 25]);
    expect(delays(3, 1 / 1000)).toEqual([2, 2, 2]);
    expect(delays(2, 1e6)).toEqual([65535, 65535]);
  });

  it.each<[string, Uint8Array[], number, number, number]>([
    ["no frames", [], 1, 1, 1],
    ["an empty picture", [new Uint8Array(0)], 0, 5, 1],
    ["a side beyond 16 bits", [new Uint8Array(65536 * 3)], 65536, 1, 1],
    ["a frame of another size", [new Uint8Array(12), new Uint8Array(9)], 2, 2, 1],
    ["no delay", [new Uint8Array(3)], 1, 1, 0],
    ["a NaN delay", [new Uint8Array(3)], 1, 1, Number.NaN],
  ])("refuses %s", (_name, frames, width, height, delay) => {
    expect(() => encodeGif(frames, width, height, delay)).toThrow(
      expect.objectContaining({ code: "invalid-value" }),
    );
  });
});
