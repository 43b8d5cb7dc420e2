import { describe, expect, it } from "vitest";
import * as wandb from "#backends/wandb/index.js";
import * as tracelet from "#src/index.js";
import { getDistributedInfo, planRun } from "#src/index.js";

// What is easily written wrong, above all in JavaScript and by those who know the Python clients. Each message must name what
// was written and say what to write instead.

const offline = { project: "p", mode: "offline" } as const;
const start = (options: object) => () => tracelet.startLogging("wandb", options as never);
const memory = () => tracelet.createExperiment("memory", { system: false, git: false, environment: false });
const untyped = (value: unknown) => value as never;

describe("options in the wrong place or spelling", () => {
  it.each<[string, () => unknown, RegExp]>([
    [
      "a backend's option at the top",
      start({ entity: "team" }),
      /"entity" is an option .* wandb; put it into config: \{ entity \}/,
    ],
    [
      "of one of several backends",
      () => tracelet.startLogging(["jsonl", "wandb"], untyped({ group: "g" })),
      /put it into config: \{ wandb: \{ group \} \}/,
    ],
    [
      "name",
      () => tracelet.startLogging("jsonl", untyped({ name: "x" })),
      /"name" \(did you mean "expName"\?\)/,
    ],
    ["a slip", start({ projct: "x" }), /unknown option "projct" \(did you mean "project"\?\)/],
    ["Python's spelling", start({ config: { job_type: "x" } }), /"job_type" \(did you mean "jobType"\?\)/],
    ["a text for a list", start({ tags: "a" }), /option "tags" must be an array, not a string/],
    ["a list for an object", start({ params: [1] }), /option "params" must be an object, not an array/],
    ["a text for a number", start({ deadlineMs: "30" }), /"deadlineMs" must be a number, not a string/],
    ["a number of seconds", start({ system: 5 }), /"system" must be true or false, or an object/],
    ["too often", start({ system: { intervalMs: 5 } }), /"system.intervalMs" must be at least 100/],
    [
      "a kind there is not",
      start({ route: { kinds: ["scalars"] } }),
      /"scalars" is no kind of event; did you mean "scalar"\?/,
    ],
    [
      "a kind there is not, for one backend",
      () => tracelet.startLogging(["jsonl", "memory"], untyped({ route: { jsonl: { kinds: ["loss"] } } })),
      /"loss" is no kind of event; the kinds are scalar, row/,
    ],
  ])("%s", (_what, call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(message) }),
    );
  });

  it.each<[string, unknown, RegExp]>([
    [
      "a project's name",
      "digits",
      /^wandb.init: give an object of options first, such as \{ project: "digits" \}/,
    ],
    [
      "a setting among the options",
      { finishTimeout: 5 },
      /"finishTimeout" is a setting; give settings: \{ finishTimeout/,
    ],
    [
      "Python's spelling",
      { job_type: "x" },
      /^wandb.init: unknown option "job_type" \(did you mean "jobType"\?\)/,
    ],
    [
      "Python's spelling of a setting",
      { ...offline, settings: { x_label: "a" } },
      /"x_label" \(did you mean "label"\?\)/,
    ],
  ])("wandb.init with %s", async (_what, options, message) => {
    await expect(wandb.init(options as never)).rejects.toThrow(
      expect.objectContaining({ code: "invalid-option", message: expect.stringMatching(message) }),
    );
  });
});

describe("values in the wrong form", () => {
  it.each<[string, (experiment: tracelet.Experiment) => unknown, RegExp]>([
    ["log(name, value)", (e) => e.log(untyped("loss"), untyped(1)), /log\(\{ loss: 0.5 \}, \{ step: 1 \}\)/],
    ["log(values, step)", (e) => e.log({ loss: 1 }, untyped(5)), /log\(\{ loss: 0.5 \}, \{ step: 1 \}\)/],
    [
      "logParams(name)",
      (e) => e.logParams(untyped("lr")),
      /params must be an object of values by name, such as { lr: 0.1 }, not a value of type string/,
    ],
    [
      "logParams(list)",
      (e) => e.logParams(untyped([1])),
      /must be an object of values by name, .* not an array/,
    ],
    ["summary(nothing)", (e) => e.summary(untyped(undefined)), /summary must be an object of values by name/],
    ["setTags(text)", (e) => e.setTags(untyped("baseline")), /setTags: give an array/],
  ])("%s", async (_what, call, message) => {
    const experiment = memory();
    expect(() => call(experiment)).toThrow(
      expect.objectContaining({ code: "invalid-value", message: expect.stringMatching(message) }),
    );
    await experiment.finish();
    expect(experiment.stats().events).toBeLessThanOrEqual(1); // its end
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "an artifact without a type",
      () => new wandb.Artifact("a", untyped(undefined)),
      /type must be a string, as in new Artifact/,
    ],
    [
      "an artifact with a text",
      () => new wandb.Artifact("a", untyped("model")),
      /type must be a string, as in new Artifact/,
    ],
    [
      "a chart of arrays",
      () => wandb.plot.line(untyped([[1, 2]]), "a", "b"),
      /the first argument is a table/,
    ],
    ["an object for a class", () => tracelet.hookSummaryWriter(untyped({})), /give the class of the writer/],
  ])("%s", (_what, call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ name: "TraceletError", message: expect.stringMatching(message) }),
    );
  });

  it("withLogging without a body starts nothing", async () => {
    await expect(tracelet.withLogging("memory", {}, untyped(undefined))).rejects.toThrow(
      /the third argument is the function/,
    );
  });

  it("a shared run of a job without an id says how to give it one, also when no launcher is known", () => {
    const info = getDistributedInfo({ RANK: "1", WORLD_SIZE: "4" });
    expect(() => planRun({ info, runMode: "shared", rankScope: "global", freshId: "a" })).toThrow(
      /the environment gives the job none. Pass the same id to every rank, or set TRACELET_RUN_ID/,
    );
  });
});

describe("calls of a W&B run, as Python takes them", () => {
  it.each<[string, (run: wandb.Run) => unknown, RegExp]>([
    ["log(values, step)", (run) => run.log({ loss: 1 }, untyped(5)), /log\(\{ loss: 0.5 \}, \{ step: 1 \}\)/],
    ["log(number)", (run) => run.log(untyped(5)), /an object of values by name, such as \{ loss: 0.5 \}/],
    [
      "define_metric(name, step)",
      (run) => run.defineMetric("loss", untyped("epoch")),
      /\{ stepMetric: "epoch" \}/,
    ],
    [
      "step_metric",
      (run) => run.defineMetric("loss", untyped({ step_metric: "e" })),
      /did you mean "stepMetric"\?/,
    ],
  ])("%s", async (_what, call, message) => {
    const run = await wandb.init({ mode: "disabled" });
    expect(() => call(run)).toThrow(
      expect.objectContaining({ code: "invalid-value", message: expect.stringMatching(message) }),
    );
    await run.finish();
  });
});
