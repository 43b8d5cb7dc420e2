import { describe, expect, it } from "vitest";
import { sniffImage } from "#src/media/image-file.js";
import { bytesOf, fixture, fromBase64, Random } from "./fixtures/numbers.js";

interface FileCase {
  format: string;
  mode: string;
  width: number;
  height: number;
  channels: number;
  file: string;
}

const cases = fixture<FileCase[]>("image-files");

describe("sniffImage", () => {
  it.each(cases)("reads Pillow's $format of mode $mode", ({ format, width, height, channels, file }) => {
    expect(sniffImage(fromBase64(file))).toEqual({ format, width, height, channels });
  });

  it("reads a file in the middle of a larger buffer", () => {
    const { file, width } = cases[0]!;
    const bytes = fromBase64(file);
    const buffer = new Uint8Array(bytes.length + 7);
    buffer.set(bytes, 7);
    expect(sniffImage(buffer.subarray(7))?.width).toBe(width);
  });

  it("gives the same answer or none for every cut of every file, and never throws", () => {
    for (const { file } of cases) {
      const bytes = fromBase64(file);
      const whole = sniffImage(bytes);
      for (let length = 0; length < bytes.length; length++) {
        const cut = sniffImage(bytes.subarray(0, length));
        if (cut !== undefined) expect(cut).toEqual(whole);
      }
      expect(sniffImage(bytes.subarray(0, 9))).toBeUndefined();
    }
  });

  it("survives damaged bytes", () => {
    const random = new Random(3);
    for (const { file } of cases) {
      for (let round = 0; round < 200; round++) {
        const bytes = fromBase64(file);
        for (let hits = 0; hits < 4; hits++)
          bytes[random.word() % Math.min(40, bytes.length)] = random.byte();
        const header = sniffImage(bytes);
        if (header) expect(header.width > 0 && header.height > 0).toBe(true);
      }
    }
  });

  it("refuses zero sizes, other files and noise", () => {
    const png = fromBase64(cases[0]!.file);
    png.fill(0, 16, 20);
    expect(sniffImage(png)).toBeUndefined();
    expect(sniffImage(new Uint8Array(0))).toBeUndefined();
    expect(
      sniffImage(new TextEncoder().encode("<svg xmlns='x' width='10' height='10'></svg>")),
    ).toBeUndefined();
    for (let seed = 0; seed < 200; seed++) expect(sniffImage(bytesOf(seed, 64))).toBeUndefined();
  });

  it("ends on a JPEG whose segments lead nowhere", () => {
    expect(sniffImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xc0))).toBeUndefined();
    expect(sniffImage(Uint8Array.of(0xff, 0xd8, ...new Array(1000).fill(0xff)))).toBeUndefined();
    expect(sniffImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 8, 1, 2, 3, 4))).toBeUndefined();
  });
});
