import { describe, expect, it } from "vitest";
import { decodeRecord, encodeRecord, type HistoryItem } from "#backends/wandb/records/record.js";
import { createHistoryLines } from "#backends/wandb/sender/history-line.js";

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");
const lineOf = (item: HistoryItem[], step?: { num?: number }) =>
  createHistoryLines().line(encodeRecord({ num: 1, history: { item, ...(step && { step }) } }));

/** What a row means, worked out the plain way: decode, parse, put every value at its path. */
function meaning(bytes: Uint8Array): unknown {
  const { item = [], step } = decodeRecord(bytes).history!;
  const row: { [key: string]: unknown } = {};
  for (const { key, nestedKey, valueJson } of item) {
    const path = nestedKey ?? [key!];
    let at = row;
    for (const name of path.slice(0, -1)) {
      if (typeof at[name] !== "object" || at[name] === null || Array.isArray(at[name])) at[name] = {};
      at = at[name] as { [key: string]: unknown };
    }
    at[path.at(-1)!] = JSON.parse(valueJson!);
  }
  if (step !== undefined && !("_step" in row)) row["_step"] = step.num ?? 0;
  return row;
}

describe("a line of history", () => {
  it("is the row of the reference's complete run", () => {
    // wandb-offline-format.md, section 2.3
    const record = hex("0802 121d 0a0c 0a04 6c6f7373 8201 03 302e35 0a0b 0a05 5f73746570 8201 01 30 1200");
    expect(createHistoryLines().line(record)).toBe('{"loss":0.5,"_step":0}');
  });

  it("has the step of the record only where no item tells it", () => {
    expect(lineOf([{ key: "a", valueJson: "1" }], { num: 300 })).toBe('{"a":1,"_step":300}');
    expect(lineOf([{ key: "a", valueJson: "1" }], {})).toBe('{"a":1,"_step":0}');
    expect(lineOf([{ key: "_step", valueJson: "4" }], { num: 300 })).toBe('{"_step":4}');
    // Shared mode: rows without steps.
    expect(lineOf([{ key: "a", valueJson: "1" }])).toBe('{"a":1}');
    expect(lineOf([{ nestedKey: ["a", "b"], valueJson: "1" }], { num: 5 })).toBe('{"a":{"b":1},"_step":5}');
    expect(lineOf([], { num: 5 })).toBe('{"_step":5}');
    expect(lineOf([{ key: "a", valueJson: "1" }], { num: 2 ** 40 })).toBe('{"a":1,"_step":1099511627776}');
  });

  it("passes values on digit for digit", () => {
    const texts = ["-0.0", "1.7952322323538113e+09", "12345678901234567890123", "1E5", "NaN", "-Infinity"];
    for (const text of texts) expect(lineOf([{ key: "a", valueJson: text }])).toBe(`{"a":${text}}`);
    expect(lineOf([{ key: "a", valueJson: '["é",{"b":NaN}]' }])).toBe('{"a":["é",{"b":NaN}]}');
  });

  it("opens and closes objects around neighbours", () => {
    const item = ["a/x", "a/y", "a/z/u", "b", "c/d/e", "c/d/f", "c/g"].map((path, index) => ({
      nestedKey: path.split("/"),
      valueJson: String(index),
    }));
    expect(lineOf(item)).toBe('{"a":{"x":0,"y":1,"z":{"u":2}},"b":3,"c":{"d":{"e":4,"f":5},"g":6}}');
  });

  it("merges objects and paths that come again", () => {
    // wandb-offline-format.md, section 3.4: an object under a key is flattened, an empty one is dropped.
    expect(lineOf([{ key: "a", valueJson: '{"x":1,"e":{},"n":null}' }])).toBe('{"a":{"x":1,"n":null}}');
    const again = [["a", "b"], ["c"], ["a", "d"]].map((nestedKey, i) => ({ nestedKey, valueJson: `${i}` }));
    expect(JSON.parse(lineOf(again)!)).toEqual({ a: { b: 0, d: 2 }, c: 1 });
    const leaf = [["a"], ["a", "b"], ["x", "y"], ["x"]].map((nestedKey, i) => ({
      nestedKey,
      valueJson: `${i}`,
    }));
    expect(JSON.parse(lineOf(leaf)!)).toEqual({ a: { b: 1 }, x: 3 });
  });

  it("reads the typed values of 0.31.0, defaults too", () => {
    // Serialized by the official package: HistoryItem with one member of `value` each, under k1 to k7.
    const record = hex(
      "12510a0612026b3118000a0612026b3220000a0612026b3328000a0f12026b3428818080808080808080010a0d12026b3531" +
        "00000000000000000a0612026b363a000a0f12026b3742097b2261223a5b315d7d",
    );
    expect(createHistoryLines().line(record)).toBe(
      '{"k1":null,"k2":false,"k3":0,"k4":-4611686018427387905,"k5":0,"k6":"","k7":{"a":[1]}}',
    );
  });

  it("leaves out and counts what is no JSON", () => {
    const lines = createHistoryLines();
    const bad = ["oops", "01", "1.", ".5", "+1", "-", "1e", '"open', "{a:1}", "NaN1", "nul", "0x1"];
    const item = bad.map((valueJson, index) => ({ key: `bad${index}`, valueJson }));
    const record = encodeRecord({ history: { item: [...item, { key: "ok", valueJson: "1" }] } });
    expect(lines.line(record)).toBe('{"ok":1}');
    expect(lines.unreadable()).toBe(bad.length);
  });

  it("stays on one line", () => {
    expect(lineOf([{ key: "a", valueJson: ' [1,\n\t{"b":\r\n2}]' }])).not.toMatch(/[\n\r]/);
    expect(lineOf([{ key: "a\nb", valueJson: "1" }])).toBe('{"a\\nb":1}');
  });

  it("is there for records of history only", () => {
    for (const record of [{ run: { runId: "a" } }, { summary: {} }, { exit: {} }, { num: 7 }]) {
      expect(createHistoryLines().line(encodeRecord(record))).toBeUndefined();
    }
  });

  it("means what the record means, whatever came before it", () => {
    const lines = createHistoryLines();
    let state = 7;
    const random = (count: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * count);
    };
    const names = ["loss", "acc", "train/loss", "é", 'quo"te', "deep", "a.b", "_step", "x".repeat(200)];
    const values = ["1", "-2.5e-7", "true", '"é😀"', "[1,[2]]", "null", "0", '"\\n"', "123456789.25"];
    for (let i = 0; i < 5000; i++) {
      const item = Array.from({ length: 1 + random(12) }, () => ({
        ...(random(3) === 0
          ? { key: names[random(names.length)]! }
          : { nestedKey: Array.from({ length: 1 + random(3) }, () => names[random(names.length)]!) }),
        valueJson: values[random(values.length)]!,
      }));
      const record = encodeRecord({
        num: i,
        history: { item, ...(random(2) === 0 && { step: { num: i } }) },
      });
      expect(JSON.parse(lines.line(record)!), `row ${i}`).toEqual(meaning(record));
    }
  });

  it("keeps no more layouts than it says, and goes on", () => {
    const lines = createHistoryLines();
    for (let i = 0; i < 45_000; i++) {
      const item = [
        { key: `k${Math.floor(i / 50)}`, valueJson: "1" },
        { key: `n${i % 700}`, valueJson: "2" },
      ];
      const record = encodeRecord({ history: { item } });
      expect(lines.line(record)).toBe(`{"k${Math.floor(i / 50)}":1,"n${i % 700}":2}`);
    }
  });

  it("takes rows of thousands of keys and of megabytes", () => {
    const wide = Array.from({ length: 3000 }, (_, i) => ({ key: `key${i}`, valueJson: String(i) }));
    expect(Object.keys(JSON.parse(lineOf(wide)!))).toHaveLength(3000);
    const long = `[${"1,".repeat(1_500_000)}1]`;
    expect(
      lineOf([
        { key: "long", valueJson: long },
        { key: "b", valueJson: "2" },
      ]),
    ).toBe(`{"long":${long},"b":2}`);
  });
});
