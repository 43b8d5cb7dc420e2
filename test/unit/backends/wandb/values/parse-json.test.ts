import { describe, expect, it } from "vitest";
import { encodeJson } from "#backends/wandb/values/json.js";
import { parseJson } from "#backends/wandb/values/parse-json.js";

describe("JSON as W&B clients write it", () => {
  it.each([
    ["NaN", Number.NaN],
    ["[Infinity,-Infinity]", [Infinity, -Infinity]],
    ['{"a":NaN,"NaN":"NaN","b":"Infinity"}', { a: Number.NaN, NaN: "NaN", b: "Infinity" }],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    [
      "[-12345678901234567890, 0.12345678901234567890]",
      [-12345678901234567890n, Number("0.12345678901234567890")],
    ],
    ["1234567890123456789e5", Number("1234567890123456789e5")],
    ['"1234567890123456789"', "1234567890123456789"],
    ['{"1234567890123456789":1}', { "1234567890123456789": 1 }],
    ['["\\u0000NaN", NaN, "\\u0000\\u0000x", "\\"NaN"]', ["\0NaN", Number.NaN, "\0\0x", '"NaN']],
    ['{"\\u0000k":NaN}', { "\0k": Number.NaN }],
    [" null ", null],
  ])("%s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(["", "nan", "-NaN", "+Infinity", "01234567890123456", "NaN1", "NaNNaN", '{"a":}', "[1,]", "1 NaN"])(
    "not %s",
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );

  it("reads what encodeJson writes", () => {
    const value = {
      a: [1.5e-7, 2n ** 60n, -(2n ** 63n), "\0", "é😀\n"],
      "b c": { d: [null, true] },
      n: -Infinity,
    };
    expect(parseJson(encodeJson(value))).toEqual(value);
  });
});
