import { describe, expect, it } from "vitest";
import type { RunOverview } from "#src/backend/command-line.js";
import { createSeries } from "#src/backend/series.js";
import { widthOf } from "#src/cli/page.js";
import { printRun, runAsJson } from "#src/cli/print-run.js";

const page = { width: 80, colors: false, ascii: false };
const series = (name: string, values: readonly number[]) => {
  const builder = createSeries(name);
  for (const value of values) builder.add(value);
  return builder.build();
};
const run: RunOverview = {
  journal: "run-abcd1234.wandb",
  id: "abcd1234",
  name: "calm-lake",
  state: "failed",
  exitCode: 3,
  startTime: new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000,
  duration: 200,
  fields: [["project", "team/vision"]],
  config: { lr: 0.1, model: { layers: 3, kind: "cnn" }, api_key: "hunter2hunter2" },
  summary: { best: 0.875 },
  rows: 8,
  lastStep: 7,
  metrics: [series("train/loss", [8, 7, 6, 5, 4, 3, 2, 1]), series("once", [0.5])],
  others: [["sample", "image-file"]],
  system: [],
  files: [{ path: "a.txt", bytes: 1536 }, { path: "gone.txt" }],
  artifacts: [{ name: "model", type: "model", aliases: ["latest", "v1"], files: 2, bytes: 10 }],
  console: ["one", "token=abcdefghijklmnop1234"],
  consoleLines: 12,
};

describe("the page of a run", () => {
  it("shows everything there is, in 80 columns", () => {
    expect(printRun(run, page, false)).toBe(`calm-lake  abcd1234
failed with exit code 3, started 2026-01-02 03:04:05, ran for 3 min 20 s

  project  team/vision

Config
  lr            0.1
  model.layers  3
  model.kind    cnn
  api_key       ***

Metrics  8 rows, last step 7
  train/loss    1  █▇▆▅▄▃▂▁  1 to 8
  once        0.5

Other values
  sample  image-file

Summary
  best  0.875

Files  2
  a.txt     1.54 kB
  gone.txt  not there

Artifacts  1
  model (latest, v1)  model, 2 files, 10 B

Console  last 2 of 12 lines
  one
  token=***
`);
  });

  it("says what is wrong with the journal, and that it has no end", () => {
    const text = printRun(
      { ...run, state: "unfinished", exitCode: undefined, damage: "damaged at byte 7" },
      page,
      false,
    );
    expect(text).toContain("unfinished (still running, or killed), started");
    expect(text).toContain("! damaged at byte 7");
  });

  it("shows an id of a foreign log without what would steer the terminal", () => {
    const id = "\u001b]0;title\u0007\u001b[31mabc\u009b2J";
    for (const name of [undefined, "calm"]) {
      const [heading] = printRun({ ...run, id, name }, page, false).split("\n");
      expect(heading).toContain("abc");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
      expect(heading).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    }
  });

  it("has bold titles where there are colours", () => {
    const text = printRun(run, { ...page, colors: true }, false);
    expect(text).toContain("\u001b[1mConfig\u001b[22m");
    expect(printRun(run, page, false)).not.toContain("\u001b");
  });

  it.each([40, 80, 200])("never goes beyond %i columns", (width) => {
    const long = "a/very/long/name/損失/".repeat(10);
    const wide = {
      ...run,
      config: { [long]: long },
      metrics: [series(long, [1e300, -1e300, 0.123456789])],
      files: [{ path: long, bytes: 1 }],
      console: [long],
    };
    for (const line of printRun(wide, { ...page, width }, false).split("\n"))
      expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  it("leaves out what is too much, and says so, unless all is asked for", () => {
    const many = { ...run, metrics: Array.from({ length: 100 }, (_, i) => series(`m${i}`, [i])) };
    expect(printRun(many, page, false)).toContain("and 70 more (--all shows them)");
    const all = printRun(many, page, true);
    expect(all).toContain("m99");
    expect(all).not.toContain("--all");
  });
});

describe("the run for programs", () => {
  it("is one JSON object, with NaN as a text and without secrets", () => {
    const told = JSON.parse(runAsJson({ ...run, metrics: [series("loss", [1, Number.NaN])] })) as object;
    expect(told).toMatchObject({
      id: "abcd1234",
      state: "failed",
      exitCode: 3,
      fields: { project: "team/vision" },
      config: { lr: 0.1, api_key: "***" },
      metrics: [{ name: "loss", count: 2, last: "NaN", min: 1, max: 1, course: [1] }],
      others: { sample: "image-file" },
      console: ["one", "token=***"],
    });
  });
});
