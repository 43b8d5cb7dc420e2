import { describe, expect, it } from "vitest";
import { normalizeValue } from "#backends/wandb/values/normalize.js";

const normalize = (value: unknown) => normalizeValue(value, "log()");

describe("normalizeValue", () => {
  it("converts as the official client converts the value's Python counterpart", () => {
    expect(normalize(new Date("2026-01-02T03:04:05.678Z"))).toBe("2026-01-02T03:04:05.678000Z");
    // pydantic_core.to_json(datetime(2024, 1, 1, tzinfo=UTC))
    expect(normalize(new Date("2024-01-01T00:00:00Z"))).toBe("2024-01-01T00:00:00Z");
    expect(normalize(new Set([1, "a"]))).toEqual([1, "a"]);
    expect(normalize(new Map([["k", new Map([[1, 2]])]]))).toEqual({ k: { 1: 2 } });
    expect(normalize(Buffer.from("hé"))).toBe("hé");
    expect(normalize(function train() {})).toBe("train");
    expect(normalize(new Float32Array([1.5]))).toBe(1.5);
    expect(normalize(new BigInt64Array([1n, 2n]))).toEqual([1n, 2n]);
    expect(normalize(Float64Array.from({ length: 32 }, (_, i) => i))).toHaveLength(32);
    expect(normalize(Float64Array.from({ length: 33 }, (_, i) => i))).toMatchObject({
      _type: "histogram",
      values: { length: 32 },
      bins: { length: 33 },
    });
    expect(normalize({ a: undefined, b: [undefined, null], c: { toJSON: () => 7 } })).toEqual({
      b: [null, null],
      c: 7,
    });
    expect(normalize(JSON.parse('{"__proto__": 1}'))).toHaveProperty("__proto__", 1);
  });

  it("refuses what has no form, with the reason", () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => normalize(cycle)).toThrow(/deeper than 200 levels/);
    expect(() => normalize(Symbol("s"))).toThrow(/log\(\): a symbol/);
    expect(() => normalize(new Date(Number.NaN))).toThrow(/invalid Date/);
  });
});
