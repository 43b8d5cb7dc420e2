import { describe, expect, it, test } from "vitest";
import { formatDuration, formatNumber } from "#src/cli/format.js";
import { clean, pad, shorten, standardPage, widthOf } from "#src/cli/page.js";
import { sparkline } from "#src/cli/sparkline.js";

describe("a sparkline", () => {
  it("has the levels of its values, from the lowest to the highest", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
    expect(sparkline([7, 0], 8)).toBe("█▁");
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8, true)).toBe("_.-~=+*#");
  });

  it("is never wider than asked, and then shows means", () => {
    expect(sparkline([0, 0, 7, 7], 2)).toBe("▁█");
    expect(sparkline([0, 4, 4, 0, 4, 8], 3)).toBe("▁▁█");
    expect(
      sparkline(
        Array.from({ length: 1000 }, (_, i) => i),
        10,
      ),
    ).toHaveLength(10);
  });

  it("is level for values that differ by rounding errors only, and survives the largest numbers", () => {
    expect(sparkline([0.1, 0.1, 0.1], 5)).toBe("▄▄▄");
    expect(sparkline([0.1, 0.1 + 1e-17, 0.30000000000000004 - 0.2], 5)).toBe("▄▄▄");
    expect(sparkline([-Number.MAX_VALUE, Number.MAX_VALUE], 2)).toBe("▁█");
    expect(sparkline([], 5)).toBe("");
  });
});

test.each([
  [0.1 + 0.2, "0.3"],
  [1 / 3, "0.333333"],
  [12_345.678, "12345.7"],
  [1_795_221_771.6, "1795221772"],
  [123_456_789_012, "123456789012"],
  // 2^53 - 1 has other digits than six and zeros.
  [Number.MAX_SAFE_INTEGER, "9.0072e+15"],
  [1e21, "1e+21"],
  [-0, "-0"],
  [5e-324, "5e-324"],
  [Number.NaN, "NaN"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
])("formatNumber(%s)", (value, expected) => expect(formatNumber(value)).toBe(expected));

test.each([
  [0, "0 s"],
  [2.64, "2.6 s"],
  [59.4, "59 s"],
  [60, "1 min"],
  [200, "3 min 20 s"],
  [7500, "2 h 5 min"],
  [273_600, "3 d 4 h"],
])("formatDuration(%s)", (value, expected) => expect(formatDuration(value)).toBe(expected));

describe("the page", () => {
  const stream = (columns: number | undefined, isTTY: boolean) =>
    ({ columns, isTTY }) as unknown as NodeJS.WriteStream;

  it("is as wide as the terminal, 80 in a pipe, as COLUMNS says, and never narrower than 40", () => {
    expect(standardPage(stream(132, true), {}).width).toBe(132);
    expect(standardPage(stream(undefined, false), {}).width).toBe(80);
    expect(standardPage(stream(132, true), { COLUMNS: "100" }).width).toBe(100);
    expect(standardPage(stream(10, true), {}).width).toBe(40);
  });

  it("has colours on a terminal, unless NO_COLOR is set or the terminal has none", () => {
    expect(standardPage(stream(80, true), { TERM: "xterm" }).colors).toBe(true);
    expect(standardPage(stream(80, false), { TERM: "xterm" }).colors).toBe(false);
    expect(standardPage(stream(80, true), { NO_COLOR: "1" }).colors).toBe(false);
    expect(standardPage(stream(80, true), { NO_COLOR: "" }).colors).toBe(true);
    expect(standardPage(stream(80, true), { TERM: "dumb" }).colors).toBe(false);
  });

  it("counts columns, not characters, and cuts at them", () => {
    const page = { width: 80, colors: false, ascii: false };
    expect(widthOf("naïve 損失 🎉")).toBe(13);
    expect(widthOf("e\u0301")).toBe(1);
    expect(shorten(page, "損失関数", 6)).toBe("損失…");
    expect(pad(page, "損失関数", 6)).toBe("損失… ");
    expect(shorten({ ...page, ascii: true }, "abcdefgh", 6)).toBe("abc...");
  });

  it("shows texts without secrets, escape sequences and line breaks", () => {
    expect(clean("\u001b[31mred\u001b[0m\r\nnext\u0007")).toBe("red next ");
    expect(clean("password=hunter2hunter2")).toBe("password=***");
  });
});
