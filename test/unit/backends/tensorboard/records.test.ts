import { describe, expect, it } from "vitest";
import { maskedCrc32c } from "#backends/tensorboard/crc32c.js";
import {
  appendRecord,
  createRecordBuffer,
  type RecordsEnd,
  scanRecords,
} from "#backends/tensorboard/records.js";

const VERSION_PAYLOAD = Buffer.from("090000803899d6d7411a0d", "hex");

function framed(...payloads: Uint8Array[]): Uint8Array {
  const buffer = createRecordBuffer(8);
  for (const payload of payloads) appendRecord(buffer, payload);
  return buffer.bytes.slice(0, buffer.length);
}

function scan(bytes: Uint8Array, most = bytes.length): { payloads: string[]; end: RecordsEnd } {
  const read = (target: Uint8Array, at: number, length: number, position: number) => {
    const part = bytes.subarray(position, position + Math.min(length, most));
    target.set(part, at);
    return part.length;
  };
  const payloads: string[] = [];
  const records = scanRecords(read, bytes.length);
  for (;;) {
    const next = records.next();
    if (next.done) return { payloads, end: next.value };
    payloads.push(Buffer.from(next.value.payload).toString("hex"));
  }
}

describe("records", () => {
  it("are framed as the official writer frames them", () => {
    const payload = Buffer.concat([VERSION_PAYLOAD, Buffer.from("brain.Event:2")]);
    expect(payload.length).toBe(24);
    const bytes = Buffer.from(framed(payload));
    expect(bytes.readBigUInt64LE(0)).toBe(24n);
    expect(bytes.readUInt32LE(8)).toBe(0x224b7fa3);
    expect(bytes.subarray(12, 36)).toEqual(payload);
    expect(bytes.readUInt32LE(36)).toBe(0xab364b12);
    expect(bytes.length).toBe(40);
  });

  const payloads = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(600_000).fill(7)];
  const hex = payloads.map((payload) => Buffer.from(payload).toString("hex"));

  it("are read back, also when the file gives its bytes in small pieces", () => {
    const bytes = framed(...payloads);
    for (const most of [bytes.length, 100_003, 4096]) {
      expect(scan(bytes, most)).toEqual({ payloads: hex, end: { offset: bytes.length, state: "end" } });
    }
  });

  it("are read up to the last whole one", () => {
    const bytes = framed(Uint8Array.of(1), Uint8Array.of(2, 3));
    for (let length = 0; length <= bytes.length; length++) {
      const { payloads, end } = scan(bytes.subarray(0, length));
      const whole = length < 17 ? 0 : length < bytes.length ? 1 : 2;
      const offset = [0, 17, bytes.length][whole]!;
      expect(payloads).toEqual(["01", "0203"].slice(0, whole));
      expect(end).toEqual({ offset, state: length === offset ? "end" : "torn" });
    }
  });

  it("are not read beyond a damaged one, whose place is told", () => {
    const bytes = framed(Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4));
    const lengthDamage = bytes.slice();
    lengthDamage[17 + 9]! ^= 1;
    expect(scan(lengthDamage)).toMatchObject({ payloads: ["01"], end: { offset: 17, state: "corrupt" } });
    const payloadDamage = bytes.slice();
    payloadDamage[17 + 12]! ^= 1;
    const { payloads, end } = scan(payloadDamage);
    expect(payloads).toEqual(["01"]);
    expect(end).toMatchObject({ offset: 17, state: "corrupt", reason: expect.stringContaining("payload") });
  });

  it("with an absurd length take no memory", () => {
    // a length with its right checksum and nothing behind it
    const header = (length: bigint) => {
      const bytes = Buffer.alloc(12);
      bytes.writeBigUInt64LE(length);
      bytes.writeUInt32LE(maskedCrc32c(bytes, 0, 8), 8);
      return bytes;
    };
    expect(scan(header(1_000_000_000n)).end).toEqual({ offset: 0, state: "torn" });
    expect(scan(header(2n ** 62n)).end).toMatchObject({ offset: 0, state: "corrupt" });
  });
});
