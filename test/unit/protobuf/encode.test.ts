import { describe, expect, it } from "vitest";
import { createEncoder } from "#src/protobuf/encode.js";
import type { Schema } from "#src/protobuf/schema.js";
import { createTypes } from "#src/protobuf/types.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

const messages = {
  All: {
    flag: "1 bool",
    small: "2 int32",
    count: "3 uint32",
    wide: "4 int64",
    size: "5 uint64",
    zigzag: "6 sint64",
    real: "7 double",
    single: "8 float",
    text: "9 string",
    raw: "10 bytes",
    kind: "11 Kind",
    inner: "12 Inner",
    one: "13 string?",
    other: "14 double?",
    texts: "15 string[]",
    inners: "16 Inner[]",
    reals: "17 double[]",
    wides: "18 int64[]",
    flags: "19 bool[]",
    names: "20 map<string, string>",
    parts: "21 map<string, Inner>",
    far: "5001 int64",
  },
  Inner: { name: "1 string", deep: "2 Inner", data: "3 bytes" },
} as const;
const enums = { Kind: { NONE: 0, SOME: 1, BELOW: -1 } } as const;

const schema: Schema = { messages, enums };
const encode = createEncoder(schema);

/** The same message by protobufjs, which takes names of enums through `fromObject`. */
function oracle(message: string, value: object): Uint8Array {
  const type = createTypes(schema)(message);
  return type.encode(type.fromObject(value)).finish();
}

const integers = [
  0,
  1,
  127,
  128,
  300,
  2 ** 28 - 1,
  2 ** 28,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 42 + 5,
  Number.MAX_SAFE_INTEGER,
  -1,
  -128,
  -(2 ** 31),
  -(2 ** 40),
  -Number.MAX_SAFE_INTEGER,
];

const values: { readonly [name: string]: object } = {
  nothing: {},
  "absent values": { flag: undefined, text: null, inner: undefined, texts: [], names: {} },
  "default values": {
    flag: false,
    small: 0,
    wide: 0,
    real: 0,
    single: 0,
    text: "",
    raw: new Uint8Array(),
    kind: 0,
  },
  "alternatives with their default": { one: "", other: 0 },
  "numbers that are none": { real: Number.NaN, single: Number.NaN, reals: [NaN, Infinity, -Infinity] },
  "negative zero": { real: -0, single: -0, reals: [-0] },
  "fields in any order": { text: "last", raw: Uint8Array.of(1, 2), flag: true, far: 7, small: -5 },
  "enums by name and number": { kind: "BELOW" },
  "an enum by its number": { kind: 1 },
  "the default of an enum by its name": { kind: "NONE", small: 1 },
  "messages in messages": {
    inner: { name: "a", deep: { name: "b", deep: {} } },
    inners: [{}, { name: "c" }, {}],
  },
  "lists and maps": {
    texts: ["", "a", "ü".repeat(100)],
    flags: [true, false, true],
    wides: integers,
    names: { a: "1", "": "", ä: "x".repeat(200) },
    parts: { x: { name: "y" }, z: {} },
  },
  "a long list": { reals: Array.from({ length: 1_000 }, (_, i) => i / 7), flags: [false] },
  "much text and data": {
    text: "日本語 and 🙂 ".repeat(5_000),
    raw: new Uint8Array(100_000).fill(7),
    inner: { name: "x", deep: { data: new Uint8Array(20_000).fill(9) } },
  },
};

describe("encoding", () => {
  it.each(Object.entries(values))("%s as protobufjs does", (_name, value) => {
    expect(hex(encode("All", value))).toBe(hex(oracle("All", value)));
  });

  it.each(integers)("the integer %d as protobufjs does", (integer) => {
    const unsigned = integer < 0 ? {} : { size: integer };
    const value = { wide: integer, small: integer | 0, count: integer >>> 0, zigzag: integer, ...unsigned };
    expect(hex(encode("All", value))).toBe(hex(oracle("All", value)));
  });

  it("any length around the widths of a length", () => {
    for (const length of [126, 127, 128, 129, 511, 512, 513, 16_383, 16_384, 2 ** 21]) {
      const value = { inner: { name: "x".repeat(length) }, real: 1.5, wide: length };
      expect(hex(encode("All", value))).toBe(hex(oracle("All", value)));
    }
  });
});

describe("an encoder", () => {
  it("writes 64-bit integers that a number cannot hold", () => {
    // Two's complement in groups of seven bits, the lowest first.
    const least = "1280808080808080808001".replace(/^12/, "20");
    expect(hex(encode("All", { wide: -(2n ** 63n) }))).toBe(least);
    expect(hex(encode("All", { wide: { low: 0, high: -(2 ** 31) } }))).toBe(least);
    expect(hex(encode("All", { size: 2n ** 64n - 1n }))).toBe("28ffffffffffffffffff01");
    expect(hex(encode("All", { size: 2n ** 53n }))).toBe("288080808080808010");
    expect(hex(encode("All", { wide: { low: -1, high: 0 } }))).toBe("20ffffffff0f");
  });

  it("takes typed arrays as lists", () => {
    const reals = Float64Array.of(0, 1.5, -0);
    expect(hex(encode("All", { reals, wides: BigInt64Array.of(-1n, 2n) }))).toBe(
      hex(oracle("All", { reals: [...reals], wides: [-1, 2] })),
    );
  });

  it("never writes invalid UTF-8", () => {
    expect(hex(encode("Inner", { name: "\udc00a\ud800" }))).toBe("0a07efbfbd61efbfbd");
    expect(hex(encode("All", { names: { "\ud800": "\ud800" } }))).toBe("a2010a0a03efbfbd1203efbfbd");
  });

  it("does not change a message it has given", () => {
    const first = encode("Inner", { name: "first" });
    const before = hex(first);
    encode("Inner", { name: "second" });
    expect(hex(first)).toBe(before);
  });

  it("says which message or field of a schema is wrong", () => {
    expect(() => encode("None", {})).toThrow("there is no message None");
    const broken = createEncoder({ messages: { A: { x: "string 1" } } });
    expect(() => broken("A", {})).toThrow('A.x has the unreadable description "string 1"');
  });
});
