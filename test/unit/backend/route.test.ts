import type { Event } from "tracelet";
import { describe, expect, it } from "vitest";
import { createFilter, globPattern } from "#src/backend/route.js";

const scalar = (tag: string, step = 0): Event => ({ kind: "scalar", tag, value: 1, step, wallTime: 0 });
const columns = (tags: string[]) => ({
  length: tags.length,
  tags,
  values: Float64Array.from(tags, (_, i) => i),
  steps: new Float64Array(tags.length),
  wallTimes: new Float64Array(tags.length),
});

describe("route", () => {
  it("costs nothing when everything passes", () => {
    expect(createFilter(undefined)).toBeUndefined();
    expect(createFilter({})).toBeUndefined();
  });

  it("keeps only the kinds named, scalars in columns included", () => {
    const filter = createFilter({ kinds: ["scalar"] })!;
    expect(filter.event(scalar("a"))).toBeDefined();
    expect(filter.event({ kind: "text", tag: "a", text: "", wallTime: 0 })).toBeUndefined();
    expect(filter.scalars(columns(["a", "b"])).length).toBe(2);
    expect(createFilter({ kinds: ["text"] })!.scalars(columns(["a"])).length).toBe(0);
  });

  it("matches globs against the whole tag", () => {
    expect(globPattern("train/*").test("train/a/b")).toBe(true);
    expect(globPattern("train/*").test("pretrain/a")).toBe(false);
    expect(globPattern("a.b").test("aXb")).toBe(false);
    expect(globPattern("*").test("line\nbreak")).toBe(true);
    const filter = createFilter({ tags: ["train/*"] })!;
    expect(filter.event(scalar("train/loss"))).toBeDefined();
    expect(filter.event(scalar("test/loss"))).toBeUndefined();
    expect(filter.event({ kind: "params", params: {}, wallTime: 0 })).toBeDefined();
    const kept = filter.scalars(columns(["train/a", "x", "train/b"]));
    expect([kept.tags.slice(0, kept.length), [...kept.values]]).toEqual([
      ["train/a", "train/b"],
      [0, 2],
    ]);
  });

  it("splits rows, with the main tag as part of the name", () => {
    const filter = createFilter({ tags: ["loss/train"] })!;
    const row: Event = { kind: "row", mainTag: "loss", tags: ["train", "test"], values: [1, 2], wallTime: 0 };
    expect(filter.event(row)).toEqual({ ...row, tags: ["train"], values: [1] });
    expect(filter.event({ ...row, mainTag: "other" } as Event)).toBeUndefined();
  });

  it("samples the first of every n for each tag", () => {
    const filter = createFilter({ sample: 10 })!;
    const kept = Array.from({ length: 25 }, (_, step) => [
      filter.event(scalar("a", step)),
      filter.event(scalar("b", step)),
    ]);
    const steps = (column: number) =>
      kept.flatMap((pair) => (pair[column] === undefined ? [] : [pair[column].step]));
    expect(steps(0)).toEqual([0, 10, 20]);
    expect(steps(1)).toEqual([0, 10, 20]);
  });
});
