import { describe, expect, test } from "vitest";
import { describe as describeEvent, flatten, oneLine, printable } from "#backends/console/describe.js";
import { createLayout, formatNumber } from "#backends/console/layout.js";
import { formatBytes } from "#src/backend/format-bytes.js";
import type { Event } from "#src/events/event.js";

describe("createLayout", () => {
  test("the same names stand below each other", () => {
    const { pairs } = createLayout(Number.POSITIVE_INFINITY, false);
    expect(
      pairs("step 8", [
        ["loss", "0.12345"],
        ["acc", "0.5"],
      ]),
    ).toBe("step 8       loss 0.12345  acc 0.5\n");
    expect(
      pairs("step 9", [
        ["loss", "1"],
        ["acc", "0.75"],
      ]),
    ).toBe("step 9       loss 1        acc 0.75\n");
    expect(pairs("step 12345678", [["loss", "1"]])).toBe("step 12345678  loss 1\n");
  });

  test("lines are broken between pairs and indented", () => {
    const { pairs } = createLayout(30, false);
    expect(
      pairs("step 1", [
        ["alpha", "0.5"],
        ["beta", "0.25"],
        ["c", "1"],
      ]),
    ).toBe("step 1       alpha 0.5\n             beta 0.25  c 1\n");
    for (const line of pairs(
      "step 2",
      Array.from({ length: 20 }, (_, i) => [`n${i}`, "1.2345"] as const),
    ).split("\n")) {
      expect(line.length).toBeLessThanOrEqual(30);
    }
    // A pair wider than the terminal is kept whole.
    expect(pairs("step 3", [["x".repeat(40), "1"]])).toBe(`step 3       ${"x".repeat(40)} 1\n`);
  });

  test("colours change no column", () => {
    const plain = createLayout(30, false);
    const colored = createLayout(30, true);
    const row = [
      ["alpha", "0.5"],
      ["beta", "0.25"],
    ] as const;
    const text = colored.pairs("step 1", row);
    expect(text).toContain("\u001b[");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is tested
    expect(text.replace(/\u001b\[\d+m/g, "")).toBe(plain.pairs("step 1", row));
  });
});

test.each([
  [0.1 + 0.2, "0.3"],
  [1234.5678, "1234.6"],
  [-0, "-0"],
  [0, "0"],
  [1e-7, "1e-7"],
  [0.000123456, "0.00012346"],
  [123_456_789, "123456789"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("formatNumber(%s)", (value, expected) => expect(formatNumber(value)).toBe(expected));

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1536, "1.54 kB"],
  [999_999, "1 MB"],
  [2.5e9, "2.5 GB"],
])("formatBytes(%s)", (value, expected) => expect(formatBytes(value)).toBe(expected));

test("flatten joins names and keeps lists together", () => {
  expect(flatten({ a: 1, b: { c: { d: 0.5 } }, e: [1, "x"], f: {}, g: null, h: "two\nlines" })).toEqual([
    ["a", "1"],
    ["b.c.d", "0.5"],
    ["e", '[1,"x"]'],
    ["f", "{}"],
    ["g", "null"],
    ["h", "two lines"],
  ]);
});

test("logged text cannot send commands to the terminal", () => {
  expect(printable("\u001b[2Ja\r\nb\tc\u0007\u009b1m")).toBe("\ufffd[2Ja\nb\tc\ufffd\ufffd1m");
  expect(oneLine("a\n b")).toBe("a b");
});

const base = { wallTime: 1, tag: "t" };
const image = (shape: number[], layout: string): Event => ({
  ...base,
  kind: "image",
  image: { tensor: { shape, data: new Uint8Array(0) }, layout },
});
test.each([
  [image([3, 256, 512], "CHW"), "512x256 CHW"],
  [image([256, 512, 3], "HWC"), "512x256 HWC"],
  [image([8, 3, 256, 512], "NCHW"), "8 x 512x256 NCHW"],
  [{ ...base, kind: "image", image: { format: "png", bytes: new Uint8Array(1500) } }, "png, 1.5 kB"],
  [{ ...base, kind: "histogram", values: new Float32Array(100), bins: "auto" }, "100 values"],
  [
    { ...base, kind: "audio", audio: { shape: [44100], data: new Float32Array(0) }, sampleRate: 44100 },
    "float32 [44100], 44100 Hz",
  ],
  [{ ...base, kind: "table", columns: ["a", "b"], rows: [[1, 2]] }, "1 rows: a, b"],
  [
    { kind: "artifact", wallTime: 1, name: "m", type: "model", path: "m", source: { file: "/tmp/m.bin" } },
    "model, /tmp/m.bin",
  ],
] as [Event, string][])("a line for %o", (event, expected) => expect(describeEvent(event)).toBe(expected));
