import vm from "node:vm";
import { sampleEvents } from "tracelet/testing";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage } from "#src/channel/message-codec.js";

function roundTrip(value: unknown): unknown {
  const parts = encodeMessage(value);
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return decodeMessage(whole);
}

describe("message codec", () => {
  it("gives every kind of event back as it was", () => {
    for (const event of sampleEvents()) expect(roundTrip(event)).toStrictEqual(event);
  });

  it("keeps numbers that JSON loses, lone surrogates and missing values", () => {
    const value = {
      a: [Number.NaN, -0, Number.POSITIVE_INFINITY],
      b: "\ud800 é 😀",
      c: undefined,
      d: 2 ** 53,
    };
    expect(roundTrip(value)).toStrictEqual(value);
  });

  it("keeps typed arrays of every type, empty and odd-sized ones, and copies the bytes", () => {
    const views = [
      Int8Array.of(-1),
      Uint8Array.of(1, 2, 3),
      Uint8ClampedArray.of(255),
      Int16Array.of(-300),
      Uint16Array.of(60_000, 1, 2),
      Int32Array.of(-70_000),
      Uint32Array.of(4e9),
      Float32Array.of(0.5, Number.NaN),
      Float64Array.of(-0, Math.PI),
      BigInt64Array.of(-(2n ** 63n)),
      BigUint64Array.of(2n ** 64n - 1n),
      new Float32Array(0),
    ];
    expect(roundTrip({ views })).toStrictEqual({ views });
    const window = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5);
    expect(roundTrip({ window })).toStrictEqual({ window: Uint8Array.of(1, 2, 3) });
    expect(roundTrip({ buffer: Buffer.from("abc") })).toStrictEqual({ buffer: new Uint8Array([97, 98, 99]) });
  });

  it("takes typed arrays of another realm, as tests under Jest have them", () => {
    expect(roundTrip({ view: vm.runInNewContext("new Float32Array([0.5, 1])") })).toStrictEqual({
      view: Float32Array.of(0.5, 1),
    });
  });

  it("refuses a view whose length does not fit into 32 bits", () => {
    // Pages that nobody touches take no memory.
    const view = new Uint16Array(2 ** 31);
    expect(() => encodeMessage({ view })).toThrow(/4294967296 bytes/);
  });

  it("refuses what cannot be copied", () => {
    expect(() => encodeMessage({ f: () => {} })).toThrow();
    expect(() => encodeMessage({ view: new DataView(new ArrayBuffer(4)) })).toThrow(/DataView/);
  });
});
