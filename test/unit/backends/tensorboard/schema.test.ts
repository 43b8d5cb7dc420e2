import { describe, expect, it } from "vitest";
import { decodeEvent, encodeEvent, encodeMessage } from "#backends/tensorboard/schema.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

// Bytes of the reference: serialized by the official Python messages.
describe("messages", () => {
  it("have the official bytes", () => {
    const scalar = { wallTime: 1, summary: { value: [{ tag: "a", simpleValue: 0 }] } };
    expect(hex(encodeEvent(scalar))).toBe("09000000000000f03f2a0a0a080a01611500000000");
    expect(hex(encodeEvent({ wallTime: 2, step: 5, fileVersion: "brain.Event:2" }))).toBe(
      "09000000000000004010051a0d627261696e2e4576656e743a32",
    );
    expect(hex(encodeEvent({ step: 5, sessionLog: { status: 1 } }))).toBe("10053a020801");
  });

  it("leave out what has its default value, but keep a member of a oneof", () => {
    expect(hex(encodeEvent({ step: 0, fileVersion: "" }))).toBe("1a00");
    // an empty map, an empty string value and a zero number value
    const start = { sessionStartInfo: { hparams: { a: { numberValue: 0 }, b: { stringValue: "" } } } };
    expect(hex(encodeMessage("HparamsData", start))).toBe(
      "1a190a0e0a016112091100000000000000000a070a016212021a00",
    );
  });

  it("never hold invalid UTF-8", () => {
    const event = { fileVersion: "\udc00a\ud800" };
    expect(hex(encodeEvent(event))).toBe("1a07efbfbd61efbfbd");
    const graph = { node: [{ name: "\ud800", input: ["\ud800"], attr: { "\ud800": { b: true } } }] };
    expect(hex(encodeMessage("GraphDef", graph))).not.toContain("eda080");
  });

  it("are read back, with negative and large steps", () => {
    for (const step of [-1, 1, 2 ** 31, 2 ** 53 - 1, -(2 ** 53) + 1]) {
      expect(decodeEvent(encodeEvent({ wallTime: 0.1, step, fileVersion: "x" }))).toEqual({
        wallTime: 0.1,
        step,
        fileVersion: "x",
      });
    }
  });
});
