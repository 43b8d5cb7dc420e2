import { describe, expect, it } from "vitest";
import { createSeries } from "#src/backend/series.js";

const seriesOf = (values: Iterable<number>) => {
  const series = createSeries("loss");
  for (const value of values) series.add(value);
  return series.build();
};

describe("a series", () => {
  it("tells count, last, least and greatest value, and its course", () => {
    expect(seriesOf([3, 1, 2])).toEqual({
      name: "loss",
      count: 3,
      last: 2,
      min: 1,
      max: 3,
      course: [3, 1, 2],
    });
  });

  it("keeps values that are no finite numbers out of range and course", () => {
    expect(seriesOf([1, Number.NaN, Number.POSITIVE_INFINITY, 2, Number.NaN])).toEqual({
      name: "loss",
      count: 5,
      last: Number.NaN,
      min: 1,
      max: 2,
      course: [1, 2],
    });
    expect(seriesOf([Number.NaN])).toMatchObject({ count: 1, min: undefined, max: undefined, course: [] });
    expect(seriesOf([])).toMatchObject({ count: 0, course: [] });
  });

  it("of a million values has the means of 245 stretches", () => {
    const { course, count, min, max, last } = seriesOf(Array.from({ length: 1_000_000 }, (_, i) => i));
    // 2^12 values each, so that there are at most 256: 244 full stretches and a rest.
    expect(course).toHaveLength(245);
    course.slice(0, -1).forEach((mean, i) => {
      expect(mean).toBe(i * 4096 + 4095 / 2);
    });
    expect(course.at(-1)).toBe((244 * 4096 + 999_999) / 2);
    expect({ count, min, max, last }).toEqual({ count: 1_000_000, min: 0, max: 999_999, last: 999_999 });
  });
});
