import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HistoryItem } from "#backends/wandb/records/record.js";
import { readTransactionLog } from "#backends/wandb/transaction-log/reader.js";
import { encodeJson, type LoggedValue } from "#backends/wandb/values/json.js";
import { formatNumber, MAX_NUMBER_LENGTH, writeNumber } from "#backends/wandb/values/number.js";

// What values.py logged, in JavaScript.
const values: { [key: string]: LoggedValue } = {
  zero: 0,
  minusZero: -0,
  one: 1,
  below1e6: 999999.5,
  from1e6: 1234567.5,
  fixedLow: 0.0001,
  scientificLow: 0.00001,
  tiny: 1.5e-5,
  e21: 1.5e21,
  max: Number.MAX_VALUE,
  min: 5e-324,
  sum: 0.1 + 0.2,
  int: 123456789012,
  safe: Number.MAX_SAFE_INTEGER,
  int64: 2n ** 63n - 1n,
  int64min: -(2n ** 63n),
  uint64: 2n ** 64n - 1n,
  beyond: 2n ** 70n,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  minusInf: Number.NEGATIVE_INFINITY,
  clock: 1795221771.778491,
  clock2: 1795221859.389,
  runtime: 0.325765,
  negative: -1234567.25,
  half: 100000.5,
  third: 1 / 3,
  text: 'hé\u2028\x7f\x00\x1f/<>&\u{1f600}"\\\b\f\n\r\t',
  empty: "",
  true: true,
  none: null,
  list: [1, 2.5, null, "x", [true]],
  emptyList: [],
};

const log = readFileSync(new URL("../fixtures/values.wandb", import.meta.url));
const rows = [...readTransactionLog(log)].flatMap(({ record }) =>
  record.history ? [record.history.item!] : [],
);
const text = (items: HistoryItem[], ...path: string[]): string | undefined =>
  items.find((item) => item.nestedKey!.join("\0") === path.join("\0"))?.valueJson;

function written(value: number): string {
  const bytes = new Uint8Array(MAX_NUMBER_LENGTH + 3);
  const end = writeNumber(bytes, 3, value);
  return Buffer.from(bytes.subarray(3, end)).toString("latin1");
}

describe("values as the official client writes them", () => {
  it.each(Object.keys(values))("%s", (key) => {
    expect(encodeJson(values[key]!)).toBe(text(rows[0]!, key));
    if (typeof values[key] === "number") expect(written(values[key])).toBe(text(rows[0]!, key));
  });

  it("prints lists of objects alike", () => {
    expect(encodeJson([{ k: Number.NaN }])).toBe(text(rows[0]!, "nested", "list"));
  });

  it("leaves members out that are undefined", () => {
    expect(encodeJson({ a: undefined, b: 1, c: {} })).toBe('{"b":1,"c":{}}');
  });
});

describe("writeNumber", () => {
  it("writes what formatNumber formats, and both read back as the same double", () => {
    let state = 11;
    const next = () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
    const doubles = new Float64Array(1);
    const words = new Uint32Array(doubles.buffer);
    for (let i = 0; i < 100_000; i++) {
      words[0] = next() * 2 ** 32;
      words[1] = next() * 2 ** 32;
      const candidates = [
        doubles[0]!,
        Math.round(next() * 10 ** (i % 17)) / 1e6,
        Math.round(next() * 10 ** (i % 17)),
        -next(),
        next() * 10 ** (i % 12),
        1.7e9 + Math.round(next() * 1e14) / 1e6,
      ];
      for (const value of candidates) {
        if (written(value) !== formatNumber(value))
          expect([value, written(value)]).toEqual([value, formatNumber(value)]);
        if (!Object.is(Number(written(value)), value)) expect(Number(written(value))).toBe(value);
      }
    }
  });
});
