import { describe, expect, it } from "vitest";
import { appendRecord, createRecordBuffer } from "#backends/tensorboard/records.js";
import { appendScalar } from "#backends/tensorboard/scalar-encoder.js";
import { decodeEvent, encodeEvent } from "#backends/tensorboard/schema.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const payloadOf = (record: string) => Buffer.from(record, "hex").subarray(12, -4);

function encoded(tag: string, value: number, step: number, wallTime: number): string {
  const buffer = createRecordBuffer(16);
  appendScalar(buffer, tag, value, step, wallTime);
  return hex(buffer.bytes.subarray(0, buffer.length));
}

/** The same record by protobufjs and the plain CRC. */
function expected(tag: string, value: number, step: number, wallTime: number): string {
  const buffer = createRecordBuffer(16);
  appendRecord(buffer, encodeEvent({ wallTime, step, summary: { value: [{ tag, simpleValue: value }] } }));
  return hex(buffer.bytes.subarray(0, buffer.length));
}

const TAGS = [
  "a",
  "",
  "train/loss",
  "Größe/损失/🔥",
  "lone \ud800 surrogate",
  "\udfff",
  ...[100, 115, 116, 120, 127, 128, 140, 150, 160, 300, 20_000].map((length) => "x".repeat(length)),
];
const VALUES = [0, -0, 1, 0.1, -1e-45, 1e300, -1e300, 3.4028235677973366e38, Infinity, -Infinity, 1e-300];
const STEPS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 35, 2 ** 53 - 1];

describe("appendScalar", () => {
  it("writes the official bytes", () => {
    // Event{wall_time 1.0, summary{tag "a", simple_value 0}} of the reference, in its frame
    const payload = "09000000000000f03f2a0a0a080a01611500000000";
    expect(hex(payloadOf(encoded("a", 0, 0, 1)))).toBe(payload);
  });

  it("writes what protobufjs and the plain CRC give", () => {
    for (const tag of TAGS) {
      for (const value of VALUES) expect(encoded(tag, value, 3, 1.7e9)).toBe(expected(tag, value, 3, 1.7e9));
      for (const step of STEPS) {
        expect(encoded(tag, 0.5, step, 0.1)).toBe(expected(tag, 0.5, step, 0.1));
        expect(encoded(tag, 0.5, -step, -1e9)).toBe(expected(tag, 0.5, -step, -1e9));
      }
    }
  });

  it("keeps NaN", () => {
    const payload = payloadOf(encoded("a", NaN, 1, 1));
    expect(decodeEvent(payload).summary?.value?.[0]?.simpleValue).toBeNaN();
  });

  it("finds the tag whatever the order", () => {
    const buffer = createRecordBuffer(64);
    const order = [0, 1, 2, 0, 1, 2, 2, 2, 1, 0, 3, 0, 1, 3, 4, 4, 0];
    for (const [i, k] of order.entries()) {
      appendScalar(buffer, TAGS[k]!, i, i, i + 1);
      const bytes = expected(TAGS[k]!, i, i, i + 1);
      expect(hex(buffer.bytes.subarray(0, buffer.length)).endsWith(bytes)).toBe(true);
    }
  });

  it("treats a missing or useless step as 0, and never writes a time that is no number", () => {
    expect(encoded("a", 1, NaN, 1)).toBe(expected("a", 1, 0, 1));
    expect(encoded("a", 1, Infinity, 1)).toBe(expected("a", 1, 0, 1));
    expect(encoded("a", 1, 1.9, 1)).toBe(expected("a", 1, 1, 1));
    expect(encoded("a", 1, -1.9, 1)).toBe(expected("a", 1, -1, 1));
    for (const wallTime of [NaN, Infinity, -Infinity]) {
      const event = decodeEvent(payloadOf(encoded("a", 1, 1, wallTime)));
      expect(Math.abs(event.wallTime! - Date.now() / 1000)).toBeLessThan(10);
    }
  });

  it("forgets tags rather than growing without end, and goes on", () => {
    const buffer = createRecordBuffer(1 << 10);
    for (let i = 0; i < 40_000; i++) {
      buffer.length = 0;
      appendScalar(buffer, `tag${i}`, i, 1, 1);
    }
    expect(hex(buffer.bytes.subarray(0, buffer.length))).toBe(expected("tag39999", 39_999, 1, 1));
  });
});
