import { beforeEach, describe, expect, it } from "vitest";
import { Metrics } from "#backends/wandb/history/metrics.js";
import { type Branch, eachLeaf } from "#backends/wandb/history/row.js";
import { RunHistory } from "#backends/wandb/history/run-history.js";
import { RunSummary } from "#backends/wandb/history/summary.js";
import type { KeyedItem, MetricRecord, UpdateRecord } from "#backends/wandb/records/record.js";
import { encodeJson, type LoggedValue } from "#backends/wandb/values/json.js";
import { officialLog, valuesOf } from "../fixtures/official-log.js";

/** The pieces of a run, with what they write. The summary is flushed after each row, as the official client does. */
function run(shared = false) {
  const rows: { step: number | undefined; items: KeyedItem[] }[] = [];
  const summaries: UpdateRecord[] = [];
  const definitions: MetricRecord[] = [];
  const warnings: string[] = [];
  const summary = new RunSummary((record) => summaries.push(record));
  const metrics = new Metrics({
    write: (record) => definitions.push(record),
    configureSummary: (path, kinds) => summary.configure(path, kinds),
  });
  let clock = 1000;
  const history = new RunHistory({
    startTime: 1000,
    shared,
    metrics,
    summary,
    warn: (message) => warnings.push(message),
    write(row: Branch, step) {
      const items: KeyedItem[] = [];
      eachLeaf(row, (path, leaf) => items.push({ nestedKey: [...path], valueJson: encodeJson(leaf) }));
      rows.push({ step, items });
      summary.flush(0);
    },
  });
  return {
    rows,
    summaries,
    definitions,
    warnings,
    summary,
    history,
    log: (data: { [key: string]: LoggedValue }, options: { step?: number; commit?: boolean } = {}) =>
      history.log(data, { wallTime: ++clock, ...options }),
    define: metrics.define.bind(metrics),
  };
}

/** History rows, summary updates of rows, other summary records and definitions of an official log. */
function official(name: string) {
  const log = officialLog(name);
  const summaries = log.flatMap(({ summary }) => (summary ? [summary] : []));
  const ofRow = (record: UpdateRecord) =>
    record.update?.some((item) => item.nestedKey?.[0] === "_step") ?? false;
  const ofRuntime = (record: UpdateRecord) =>
    record.update?.some((item) => item.nestedKey?.[1] === "runtime") ?? false;
  return {
    rows: log.flatMap(({ history }) =>
      history ? [{ step: history.step?.num ?? 0, values: valuesOf(history.item) }] : [],
    ),
    rowSummaries: summaries.filter(ofRow).map((record) => valuesOf(record.update)),
    setSummaries: summaries.filter((record) => !ofRow(record) && !ofRuntime(record)),
    definitions: log.flatMap(({ metric }) => (metric ? [metric] : [])),
  };
}

/** History of release 0.30.0, which writes what globs were expanded to, and writes the same otherwise. */
function expandedBy030(): MetricRecord[] {
  return official("history-0.30").definitions.filter(({ expandedFromGlob }) => expandedFromGlob);
}

function compare(ours: ReturnType<typeof run>, name: string): void {
  const expected = official(name);
  expect(ours.rows.map(({ step, items }) => ({ step, values: valuesOf(items) }))).toEqual(expected.rows);
  const ofRow = (record: UpdateRecord) =>
    record.update?.some((item) => item.nestedKey?.[0] === "_step") ?? false;
  expect(ours.summaries.filter(ofRow).map((record) => valuesOf(record.update))).toEqual(
    expected.rowSummaries,
  );
  expect(ours.summaries.filter((record) => !ofRow(record))).toEqual(expected.setSummaries);
  // 0.31.0 leaves expanding to the syncing side, 0.30.0 writes what it expanded; this client too.
  expect(ours.definitions.filter((record) => !record.expandedFromGlob)).toEqual(expected.definitions);
}

describe("history as the official client writes it", () => {
  it("steps, commits, merging and summaries (history.py)", () => {
    const { log, define, summary, history, ...rest } = run();
    define("epoch");
    define("loss", { stepMetric: "epoch", summary: "min,max,mean,last,first" });
    define("val/*", { stepMetric: "epoch", summary: "max", hidden: true });
    define("acc", { summary: "copy", stepSync: false });
    define("quiet", { summary: "none" });
    define("nest.deep", { summary: ["mean"] });
    define("nosync", { stepMetric: "epoch", stepSync: false });
    define("never", { stepMetric: "unseen" });
    log({ loss: 1.5 });
    log({ epoch: 3, loss: 0.5 });
    log({ loss: 2.5, acc: 0.5, quiet: 1, nosync: 1 });
    log({ a: 1 }, { commit: false });
    log({ b: 2, a: 3 });
    log({ c: 1 }, { step: 10 });
    log({ d: 2 }, { step: 10 });
    expect(log({ e: 3 }, { step: 5 })).toBe(false);
    log({ f: 4 });
    log({ g: 5 });
    log({ h: 5 }, { step: 20, commit: true });
    expect(log({ i: 5 }, { step: 20 })).toBe(false);
    log({ j: 5 }, { step: 25, commit: false });
    log({}, { commit: true });
    log({});
    log({ "val/x": 7, "val/_y": 8, _val: 1 });
    log({ "val/x": 6, nest: { deep: 4, other: "s" } });
    log({ nest: { deep: 6 } });
    log({ loss: Number.NaN, never: 1 });
    log({ loss: "text", _step: 99, _runtime: 1000, _timestamp: 123.5 });
    define("loss", { summary: "min", overwrite: true });
    log({ loss: -1 });
    define("loss", { hidden: true });
    log({ loss: 4 });
    summary.set(["loss"], 99);
    log({ other: 1 });
    log({ loss: 5 });
    summary.set(["nested"], { a: 1, b: { c: 2 } });
    log({ nested: { a: 5 } });
    log({ obj: { x: 1, y: 2 } });
    log({ obj: { x: 3 } });
    log({ obj: 4 });
    log({ obj: { z: 1 } });
    log({ obj: {} });
    log({ "dotted.key": 1, "slash/key": 2 });
    summary.remove(["a"]);
    summary.setAll([
      [["u"], 1],
      [["v"], [1, 2]],
    ]);
    log({ pending: 1 }, { step: 100 });
    history.finish();
    compare({ log, define, summary, history, ...rest }, "history");
    const byName = (a: MetricRecord, b: MetricRecord): number => (a.name! < b.name! ? -1 : 1);
    const expanded = rest.definitions.filter(({ expandedFromGlob }) => expandedFromGlob);
    expect(expanded.sort(byName)).toEqual(expandedBy030().sort(byName));
    expect(official("history-0.30").rows).toEqual(official("history").rows);
    expect(history.dropped).toBe(2);
    expect(rest.warnings).toHaveLength(1);
    expect(rest.warnings[0]).toMatch(/step 5 is below the current step 10.*stepMetric/);
    const clock = rest.rows
      .find(({ items }) => items.some((item) => item.valueJson === '"text"'))
      ?.items.find((item) => item.nestedKey![0] === "_timestamp");
    expect(clock?.valueJson).toBe("123.5");
  });

  it("finer rules of defineMetric (metrics.py)", () => {
    const ours = run();
    const { log, define, summary } = ours;
    log({ late: 5, x: 1 });
    define("late", { summary: "min,max,mean,first,last" });
    log({ late: 3 });
    summary.set(["late"], 42);
    log({ late: 7 });
    define("late", { summary: "max" });
    log({ late: 1 });
    define("*", { stepMetric: "gstep", summary: "last" });
    log({ _hidden: 1, free: 2 });
    log({ free: true, nest: { leaf: "a", _u: 1 } });
    log({ gstep: 7 });
    log({ free: null, nest: { leaf: null } });
    define("m", { summary: "min,max,mean,first,last" });
    log({ m: true });
    log({ m: "1" });
    log({ m: [1] });
    log({ m: { sub: 3 } });
    log({ m: 2 });
    define("deep.metric", { stepMetric: "deep.step", summary: "max" });
    log({ deep: { metric: 1 } });
    log({ deep: { metric: 2, step: 9 } });
    const expected = official("metrics");
    const count = ours.rows.length;
    expect(ours.rows.map(({ step, items }) => ({ step, values: valuesOf(items) }))).toEqual(
      expected.rows.slice(0, count),
    );
    const ofRow = (record: UpdateRecord) =>
      record.update?.some((item) => item.nestedKey?.[0] === "_step") ?? false;
    expect(ours.summaries.filter(ofRow).map((record) => valuesOf(record.update))).toEqual(
      expected.rowSummaries.slice(0, count),
    );
  });

  it("puts a number that is too big for a double in full, its statistics as doubles", () => {
    const ours = run();
    ours.log({ big: 2n ** 60n });
    ours.define("big", { summary: "mean,max,last" });
    ours.log({ big: 2n ** 60n + 1n });
    // metrics.py: 1152921504606846977, 1.152921504606847e+18
    expect(ours.summaries.at(-1)!.update!.find((item) => item.nestedKey![0] === "big")!.valueJson).toBe(
      '{"last":1152921504606846977,"max":1.152921504606847e+18,"mean":1.152921504606847e+18}',
    );
  });

  it("adds no value to the summary for null, and the last number of a step metric after a text", () => {
    const ours = run();
    ours.define("loss", { stepMetric: "epoch" });
    ours.log({ epoch: 6, x: 1 });
    ours.log({ epoch: null, x: null });
    ours.log({ epoch: "six" });
    ours.log({ loss: 2 });
    expect(valuesOf(ours.summaries[1]!.update)).toEqual({ _step: 1 });
    expect(valuesOf(ours.rows.at(-1)!.items)).toEqual({ loss: 2, epoch: 6, _step: 3 });
  });
});

describe("RunHistory", () => {
  let ours: ReturnType<typeof run>;
  beforeEach(() => {
    ours = run();
  });

  it("writes an expanded definition before the first row of a glob's metric, as 0.30.0 does", () => {
    ours.define("val/*", { stepMetric: "epoch", summary: "max", hidden: true });
    ours.log({ "val/x": 7 });
    ours.log({ "val/x": 8 });
    expect(ours.definitions.slice(1)).toEqual([
      {
        name: "val/x",
        stepMetric: "epoch",
        options: { stepSync: true, hidden: true },
        summary: { max: true },
        control: { overwrite: true },
        expandedFromGlob: true,
      },
    ]);
  });

  it("prefers the longest glob, whatever the order", () => {
    ours.define("a/b/*", { summary: "max" });
    ours.define("*", { summary: "last" });
    ours.define("a/*", { summary: "min" });
    ours.log({ "a/b/c": 1, "a/d": 2, e: 3 });
    expect(valuesOf(ours.summaries[0]!.update)).toMatchObject({
      "a/b/c": { max: 1 },
      "a/d": { min: 2 },
      e: { last: 3 },
    });
  });

  it("has no step and ignores one in shared mode", () => {
    ours = run(true);
    ours.log({ a: 1 }, { step: 7 });
    ours.log({ a: 2 }, { step: 3 });
    ours.log({ b: 1 }, { commit: false });
    ours.log({ c: 1 });
    expect(ours.rows.map(({ step }) => step)).toEqual([undefined, undefined, undefined]);
    expect(ours.rows.map(({ items }) => valuesOf(items))).toEqual([{ a: 1 }, { a: 2 }, { b: 1, c: 1 }]);
    expect(ours.warnings).toHaveLength(1);
  });

  it("leaves the open row as it is when a call is dropped, commit or not", () => {
    // Observed with wandb 0.31.0: x and z are one row of step 10.
    ours.log({ x: 1 }, { step: 10 });
    ours.log({ y: 2 }, { step: 5, commit: true });
    ours.log({ z: 3 });
    expect(ours.rows.map(({ items }) => valuesOf(items))).toEqual([{ x: 1, z: 3, _step: 10 }]);
    expect(ours.history.step).toBe(11);
  });

  it("counts media as the official client: before the call's own step", () => {
    expect(ours.history.mediaStep).toBe(0);
    ours.log({ a: 1 }, { step: 10 });
    expect(ours.history.mediaStep).toBe(10);
    ours.log({ a: 1 }, { commit: true });
    expect(ours.history.mediaStep).toBe(11);
  });

  it("writes the row that is open at the end, once", () => {
    ours.log({ a: 1 }, { commit: false });
    expect(ours.rows).toHaveLength(0);
    ours.history.finish();
    ours.history.finish();
    expect(ours.rows.map(({ step }) => step)).toEqual([0]);
  });

  it("gives `_runtime` in microseconds since the start", () => {
    ours.history.log({ a: 1 }, { wallTime: 1000.1234567 });
    const runtime = ours.rows[0]!.items.find((item) => item.nestedKey![0] === "_runtime");
    expect(runtime?.valueJson).toBe("0.123457");
  });
});

describe("defineMetric", () => {
  // As script 95 of the differential suite: what the official client makes of `none` with others.
  it.each([
    [["none", "max"], { max: 1 }],
    [["max", "none"], undefined],
    [["none,max"], undefined],
    [["none", undefined], undefined],
  ])("keeps of the kinds %j in turn %j", (kinds, kept) => {
    const ours = run();
    for (const summary of kinds) ours.define("a", summary === undefined ? { hidden: true } : { summary });
    ours.log({ a: 1 });
    ours.history.finish();
    expect(ours.summary.valueAt(["a"])).toEqual(kept);
  });

  it.each([
    ["", {}, /non-empty/],
    ["a*b", {}, /\* only as its last character, got "a\*b"/],
    ["a", { summary: "median" }, /summary "median" is unknown; use min, max/],
    ["a", { goal: "big" as "minimize" }, /"minimize" or "maximize"/],
    ["a", { stepMetric: "e*" }, /stepMetric may not have a \*/],
  ])("refuses %s %j with the rule", (name, options, message) => {
    expect(() => run().define(name, options)).toThrow(message);
  });
});

describe("RunSummary", () => {
  it("ends with the whole seconds of the run", () => {
    const written: UpdateRecord[] = [];
    const summary = new RunSummary((record) => written.push(record));
    summary.observe(new Map([["loss", 1]]));
    summary.finish(12.9);
    expect(written).toEqual([
      {
        update: [
          { nestedKey: ["_wandb", "runtime"], valueJson: "12" },
          { nestedKey: ["loss"], valueJson: "1" },
        ],
      },
      {
        update: [
          { nestedKey: ["_wandb", "runtime"], valueJson: "12" },
          { key: "_runtime", valueJson: "12" },
        ],
      },
    ]);
  });

  it("writes one record for many rows", () => {
    const written: UpdateRecord[] = [];
    const summary = new RunSummary((record) => written.push(record));
    for (let i = 0; i < 1000; i++) summary.observe(new Map([["loss", i]]));
    summary.flush(1);
    summary.flush(2);
    expect(written).toHaveLength(1);
    expect(valuesOf(written[0]!.update)).toEqual({ loss: 999 });
  });
});
