import { describe, expect, it } from "vitest";
import { GLOBAL_STEP, StepRows } from "#backends/wandb/facade/step-rows.js";
import { Metrics } from "#backends/wandb/history/metrics.js";
import { RunHistory } from "#backends/wandb/history/run-history.js";
import { RunSummary } from "#backends/wandb/history/summary.js";

type Point = readonly [tag: string, value: number, step?: number];

/** Rows without their clock, and the metrics whose x axis became `global_step`. */
function rowsOf(
  points: readonly Point[],
  shared = false,
): { rows: { [key: string]: unknown }[]; late: string[] } {
  const rows: { [key: string]: unknown }[] = [];
  const late: string[] = [];
  const history = new RunHistory({
    startTime: 0,
    shared,
    metrics: new Metrics({ write() {}, configureSummary() {} }),
    summary: new RunSummary(() => {}),
    write(row) {
      const { _timestamp, _runtime, ...rest } = Object.fromEntries(row);
      rows.push(rest);
    },
    warn: (message) => expect.unreachable(message),
  });
  const stepRows = new StepRows({ history, stepless: shared, useGlobalStep: (tag) => late.push(tag) });
  for (const [tag, value, step] of points) {
    stepRows.open([tag], step, 1);
    stepRows.put(tag, value, 1);
    stepRows.close(step);
  }
  history.finish();
  return { rows, late };
}

describe("StepRows", () => {
  it("puts what has one step into one row", () => {
    expect(
      rowsOf([
        ["loss", 3, 0],
        ["acc", 0.1, 0],
        ["loss", 2, 5],
      ]),
    ).toEqual({
      rows: [
        { loss: 3, acc: 0.1, _step: 0 },
        { loss: 2, _step: 5 },
      ],
      late: [],
    });
  });

  it("keeps every step under global_step where rows have none of their own", () => {
    const points: Point[] = [
      ["loss", 3, 0],
      ["acc", 0.1, 0],
      ["loss", 2, 5],
      ["note", 7],
      ["acc", 0.2, 3],
    ];
    expect(rowsOf(points, true)).toEqual({
      rows: [
        { loss: 3, acc: 0.1, [GLOBAL_STEP]: 0 },
        { loss: 2, [GLOBAL_STEP]: 5 },
        { note: 7 },
        { acc: 0.2, [GLOBAL_STEP]: 3 },
      ],
      late: ["loss", "acc"],
    });
  });

  it("keeps a step that goes back under global_step, and joins what fits", () => {
    const { rows, late } = rowsOf([
      ["train", 1, 10],
      ["val", 5, 0],
      ["val", 6, 1],
      ["train", 2, 11],
    ]);
    expect(rows).toEqual([
      { train: 1, val: 5, [GLOBAL_STEP]: 0, _step: 10 },
      { val: 6, [GLOBAL_STEP]: 1, train: 2, _step: 11 },
    ]);
    expect(late).toEqual(["val"]);
  });

  it("keeps two points of one tag at one step", () => {
    const { rows, late } = rowsOf([
      ["loss", 1, 3],
      ["loss", 2, 3],
    ]);
    expect(rows).toEqual([
      { loss: 1, _step: 3 },
      { loss: 2, [GLOBAL_STEP]: 3, _step: 4 },
    ]);
    expect(late).toEqual(["loss"]);
  });

  it("gives a tag on global_step its step in every later row", () => {
    const { rows } = rowsOf([
      ["a", 1, 5],
      ["b", 1, 2],
      ["b", 2, 9],
    ]);
    expect(rows).toEqual([
      { a: 1, b: 1, [GLOBAL_STEP]: 2, _step: 5 },
      { b: 2, [GLOBAL_STEP]: 9, _step: 9 },
    ]);
  });

  it("makes a row of each point without a step", () => {
    expect(
      rowsOf([
        ["a", 1],
        ["b", 2],
        ["a", 3],
      ]).rows,
    ).toEqual([
      { a: 1, _step: 0 },
      { b: 2, _step: 1 },
      { a: 3, _step: 2 },
    ]);
  });

  it("loses no point, whatever the order of steps", () => {
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    const points = Array.from({ length: 3000 }, (_, i): Point => {
      const tag = `t${random(5)}`;
      return random(8) === 0 ? [tag, i + 0.5] : [tag, i + 0.5, random(60)];
    });
    const { rows } = rowsOf(points);
    const kept = new Map(rows.flatMap((row) => Object.values(row).map((value) => [value, row])));
    const steps = rows.map((row) => row["_step"] as number);
    expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
    for (const [tag, value, step] of points) {
      const row = kept.get(value)!;
      expect(row[tag], `${tag} ${value}`).toBe(value);
      if (step !== undefined) expect([row["_step"], row[GLOBAL_STEP]]).toContain(step);
    }
  });
});
