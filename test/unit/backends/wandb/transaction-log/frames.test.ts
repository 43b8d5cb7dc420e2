import { crc32 as zlibCrc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { crc32 } from "#backends/wandb/transaction-log/crc32.js";
import { Frames } from "#backends/wandb/transaction-log/frames.js";

/** The framing of section 2.2 of the reference, written down once more, slowly. */
function frameSlowly(fileOffset: number, records: readonly Uint8Array[]): Buffer {
  const out: number[] = [];
  const left = () => 32768 - ((fileOffset + out.length) % 32768);
  for (const record of records) {
    let rest = record;
    let first = true;
    for (;;) {
      while (left() < 7) out.push(0);
      const take = Math.min(left() - 7, rest.length);
      const last = take === rest.length;
      const type = first ? (last ? 1 : 2) : last ? 4 : 3;
      const crc = zlibCrc32(Uint8Array.of(type, ...rest.subarray(0, take)));
      out.push(crc & 255, (crc >>> 8) & 255, (crc >>> 16) & 255, crc >>> 24, take & 255, take >>> 8, type);
      for (let i = 0; i < take; i++) out.push(rest[i]!);
      rest = rest.subarray(take);
      first = false;
      if (last) break;
    }
  }
  return Buffer.from(out);
}

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 255);

describe("crc32", () => {
  it("is zlib's at every length around the two ways of computing it", () => {
    expect(crc32(Uint8Array.of(1), 0, 1).toString(16)).toBe("a505df1b");
    const data = bytes(1100);
    for (let length = 0; length < 1100; length++) {
      expect(crc32(data, 0, length)).toBe(zlibCrc32(data.subarray(0, length)));
    }
    expect(crc32(data, 13, 57)).toBe(zlibCrc32(data.subarray(13, 57)));
  });
});

describe("Frames", () => {
  it("frames an empty record as the reference's vector", () => {
    const frames = new Frames(7);
    frames.append(new Uint8Array(0));
    expect(Buffer.from(frames.bytes.subarray(0, frames.length)).toString("hex")).toBe("1bdf05a5000001");
  });

  it.each(Array.from({ length: 20 }, (_, left) => left))(
    "cuts records as the format asks, %d bytes before a border",
    (left) => {
      for (const size of [0, 1, 7, 12, 13, 14, 200, 32754, 32761, 32762, 100_000]) {
        const frames = new Frames(32768 * 3 - left, 16);
        const records = [bytes(size), bytes(3), bytes(40_000)];
        for (const record of records) frames.append(record);
        expect(frames.records).toBe(3);
        const ours = Buffer.from(frames.bytes.subarray(0, frames.length));
        expect(ours.equals(frameSlowly(32768 * 3 - left, records))).toBe(true);
      }
    },
  );

  it("goes on at the right place of the block after clear, and at the same place after discard", () => {
    const frames = new Frames(7);
    frames.append(bytes(30_000));
    frames.clear();
    frames.append(bytes(5000));
    expect(frames.length).toBe(5000 + 14);
    frames.discard();
    frames.append(bytes(10));
    expect(frames.length).toBe(17);
  });
});
