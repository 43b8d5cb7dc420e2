import { describe, expect, it } from "vitest";
import { createSummaryState } from "#backends/wandb/sender/summary-state.js";

const key = (name: string, valueJson: string) => ({ key: name, valueJson });
const path = (names: string, valueJson?: string) => ({
  nestedKey: names.split("/"),
  ...(valueJson === undefined ? {} : { valueJson }),
});

// The rules are those of wandb-offline-format.md, section 3.4, and of the official sync (test/interop/wandb).
describe("the summary of a run", () => {
  it("is empty without records", () => {
    expect(createSummaryState().json()).toBe("{}");
  });

  it("holds the last value of every path, in the texts of the records", () => {
    const summary = createSummaryState();
    summary.update({ update: [key("loss", "0.5"), path("_wandb/runtime", "3")] });
    summary.update({
      update: [key("loss", "0.250"), path("a/b", "NaN"), key("big", "12345678901234567890")],
    });
    expect(summary.json()).toBe(
      '{"loss":0.250,"_wandb":{"runtime":3},"a":{"b":NaN},"big":12345678901234567890}',
    );
  });

  it("keeps an object as one value, which a path below it replaces", () => {
    const summary = createSummaryState();
    summary.update({ update: [key("o", '{"x":1,"y":{}}'), key("empty", "{}")] });
    expect(summary.json()).toBe('{"o":{"x":1,"y":{}},"empty":{}}');
    summary.update({ remove: [path("o/x")] });
    expect(JSON.parse(summary.json()).o).toEqual({ x: 1, y: {} });
    summary.update({ update: [path("o/y", "3")] });
    expect(JSON.parse(summary.json()).o).toEqual({ y: 3 });
    summary.update({ update: [key("o", "[1]")] });
    expect(JSON.parse(summary.json()).o).toEqual([1]);
  });

  it("removes values and subtrees, and what is left empty", () => {
    const summary = createSummaryState();
    summary.update({ update: [path("a/b/c", "1"), path("a/d", "2"), key("e", "3")] });
    summary.update({ remove: [path("a/b/c"), path("never/there"), key("e", "")] });
    expect(summary.json()).toBe('{"a":{"d":2}}');
    summary.update({ remove: [path("a")] });
    expect(summary.json()).toBe("{}");
  });

  it("takes null for no value", () => {
    const summary = createSummaryState();
    summary.update({ update: [key("a", "5"), key("list", "[null]"), key("x", "1")] });
    summary.update({ update: [key("a", "null"), path("x/y", "null")] });
    expect(summary.json()).toBe('{"list":[null]}');
  });

  it("leaves out and counts what is no JSON", () => {
    const summary = createSummaryState();
    summary.update({ update: [key("a", "oops"), key("b", "1"), { key: "c" }] });
    expect(summary.json()).toBe('{"b":1}');
    expect(summary.unreadable()).toBe(2);
  });

  it("goes on from the summary of a resumed run, member by member", () => {
    const summary = createSummaryState('{"loss":1,"_wandb":{"runtime":60,"kept":true},"nan":NaN,"none":{}}');
    summary.update({ update: [path("_wandb/runtime", "61"), key("loss", "2")] });
    expect(summary.json()).toBe('{"loss":2,"_wandb":{"runtime":61,"kept":true},"nan":NaN,"none":{}}');
    expect(createSummaryState("null").json()).toBe("{}");
  });
});
