import { describe, expect, it } from "vitest";
import {
  crc32c,
  maskCrc,
  maskedCrc32c,
  updateState,
  zeroBytesOperator,
} from "#backends/tensorboard/crc32c.js";

const bytesOf = (text: string) => new TextEncoder().encode(text);

// Values of the reference: made with the official record writer.
describe("crc32c", () => {
  it("gives the published values", () => {
    expect(crc32c(bytesOf(""))).toBe(0);
    expect(crc32c(bytesOf("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(Uint8Array.of(24, 0, 0, 0, 0, 0, 0, 0))).toBe(0x4a65bfe4);
  });

  it("masks as TFRecord does", () => {
    expect(maskCrc(0)).toBe(0xa282ead8);
    expect(maskedCrc32c(bytesOf("123456789"))).toBe(0xc78ab0e5);
    expect(maskedCrc32c(new Uint8Array(32))).toBe(0x0fd7fffa);
  });

  it("works on a range, and continues", () => {
    const bytes = bytesOf("xx123456789yy");
    expect(crc32c(bytes, 2, 11)).toBe(0xe3069283);
    expect(crc32c(bytes, 6, 11, crc32c(bytes, 2, 6))).toBe(0xe3069283);
  });

  it("knows what zero bytes do to a state", () => {
    for (const length of [0, 1, 7, 8, 31, 160]) {
      const operator = zeroBytesOperator(length);
      for (const state of [-1, 0, 1, 0x12345678, -0x7edcba98]) {
        const byTables =
          operator[state & 255]! ^
          operator[256 + ((state >>> 8) & 255)]! ^
          operator[512 + ((state >>> 16) & 255)]! ^
          operator[768 + (state >>> 24)]!;
        expect(byTables).toBe(updateState(state, new Uint8Array(length), 0, length));
      }
    }
  });
});
