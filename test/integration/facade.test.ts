import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tracelet from "tracelet";
import { EventFileReader } from "tracelet/tensorboard-writer";
import { afterEach, describe, expect, it } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { tempDir } from "../support/temp-dir.js";

const quiet = { system: false, git: false, environment: false } as const;
const scalars = (events: readonly tracelet.Event[]) =>
  events.filter(({ kind }) => kind === "scalar") as tracelet.ScalarEvent[];

afterEach(async () => {
  await tracelet.stopLogging();
  for (const name of Object.keys(process.env)) if (name.startsWith("TRACELET_")) delete process.env[name];
});

describe("startLogging", () => {
  it("with nothing writes event files under ./runs", async () => {
    const dir = tempDir();
    process.env["TRACELET_DIR"] = dir;
    const experiment = tracelet.startLogging();
    new tracelet.SummaryWriter().addScalar("loss", 0.5, 1);
    const report = await tracelet.stopLogging();
    expect(report["tensorboard"]).toMatchObject({ pending: 0, dropped: 0 });
    expect(experiment.url()).toBe(join(dir, "runs", readdirSync(join(dir, "runs"))[0]!));
  });

  it("sends the same events to several backends, each with its own options", async () => {
    const dir = tempDir();
    const events: tracelet.Event[] = [];
    tracelet.startLogging(["jsonl", "tensorboard", "memory"], {
      ...quiet,
      dir,
      config: { jsonl: { file: "a.jsonl" }, tensorboard: { logDir: "tb" }, memory: { events } },
    });
    const writer = new tracelet.SummaryWriter();
    for (let step = 0; step < 10; step++) writer.addScalar("loss", step / 10, step);
    const report = await tracelet.stopLogging();
    expect(Object.keys(report).sort()).toEqual(["jsonl", "memory", "tensorboard"]);
    expect(scalars(events).map(({ value }) => value)).toEqual(Array.from({ length: 10 }, (_, i) => i / 10));
    const fromJsonl = scalars([...readJsonl(join(dir, "a.jsonl"))]);
    expect(fromJsonl.map(({ tag, value, step }) => [tag, value, step])).toEqual(
      scalars(events).map(({ tag, value, step }) => [tag, value, step]),
    );
    const read = [...new EventFileReader(join(dir, "tb"))];
    expect(read.length).toBeGreaterThan(9);
  });

  it("takes everything in one object, a definition, and a bare backend object", async () => {
    const seen: tracelet.Event[] = [];
    const object: tracelet.Backend = { open() {}, write: (events) => void seen.push(...events), close() {} };
    tracelet.startLogging({ backend: object, expName: "one" }).log({ a: 1 }, { step: 1 });
    await tracelet.stopLogging();
    tracelet.startLogging(tracelet.defineBackend({ name: "mine", create: () => object })).log({ a: 2 });
    const report = await tracelet.stopLogging();
    expect(report).toEqual({ mine: { synced: 2, pending: 0, dropped: 0 } });
    expect(seen.map(({ kind }) => kind)).toEqual(["row", "finish", "row", "finish"]);
  });

  it("loads a backend by the path of its module, in the worker", async () => {
    const dir = tempDir();
    writeFileSync(
      join(dir, "mine.mjs"),
      `import { appendFileSync } from "node:fs";
       import { isMainThread } from "node:worker_threads";
       export const backend = { name: "mine", create: (options) => ({
         open() {}, close() {},
         write(events) { appendFileSync(${JSON.stringify(join(dir, "out"))}, events.map((e) => e.kind + isMainThread + ";").join("")); } }) };`,
    );
    tracelet.startLogging(join(dir, "mine.mjs"), quiet).log({ a: 1 });
    await tracelet.stopLogging();
    expect(readFileSync(join(dir, "out"), "utf8")).toBe("rowfalse;finishfalse;");
  });

  it("ends the experiment before when a second one starts", async () => {
    const [one, two]: [tracelet.Event[], tracelet.Event[]] = [[], []];
    const first = tracelet.startLogging("memory", { config: { events: one } });
    first.log({ a: 1 });
    tracelet.startLogging("memory", { config: { events: two } });
    expect(first.ended).toBe(true);
    tracelet.getActiveExperiment()!.log({ b: 1 });
    first.log({ late: 1 });
    await tracelet.stopLogging();
    await first.finish();
    expect(one.map(({ kind }) => kind)).toEqual(["row", "finish"]);
    expect(two.map(({ kind }) => kind)).toEqual(["row", "finish"]);
    expect(first.stats().drops).toEqual({ tracelet: { "logged after the end": 1 } });
  });

  it("copies values when they are logged", async () => {
    const dir = tempDir();
    const events: tracelet.Event[] = [];
    tracelet.startLogging(["jsonl", "memory"], {
      ...quiet,
      dir,
      config: { jsonl: { file: "x.jsonl" }, memory: { events } },
    });
    const weights = Float32Array.of(1, 2, 3);
    new tracelet.SummaryWriter().addHistogram("w", weights, 0);
    weights.fill(99);
    await tracelet.stopLogging();
    const values = (list: readonly tracelet.Event[]) =>
      (list.find(({ kind }) => kind === "histogram") as tracelet.HistogramEvent).values;
    expect([...values(events)]).toEqual([1, 2, 3]);
    expect([...values([...readJsonl(join(dir, "x.jsonl"))])]).toEqual([1, 2, 3]);
  });

  it("is inert when disabled, by option and by variable", async () => {
    const dir = tempDir();
    process.env["TRACELET_DISABLED"] = "1";
    const experiment = tracelet.startLogging("tensorboard", { dir });
    new tracelet.SummaryWriter().addScalar("a", 1, 1);
    experiment.logArtifact(Buffer.from("x"));
    expect(await tracelet.stopLogging()).toEqual({});
    expect(experiment.status().state).toBe("disabled");
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe("settings", () => {
  const resolved = async (options: Omit<tracelet.StartOptions, "config"> = {}) => {
    let run: tracelet.RunDescription | undefined;
    const backend: tracelet.Backend = {
      open(description) {
        run = description;
      },
      write() {},
      close() {},
    };
    await tracelet.startLogging({ ...options, backend }).ready;
    await tracelet.stopLogging();
    return run!;
  };

  it("takes argument over environment over default", async () => {
    expect(await resolved()).toMatchObject({
      project: "default",
      name: undefined,
      tags: [],
      dir: process.cwd(),
    });
    Object.assign(process.env, {
      TRACELET_PROJECT: "p-env",
      TRACELET_EXPERIMENT_NAME: "n-env",
      TRACELET_TAGS: " a, b ,",
      TRACELET_DIR: "/tmp/d",
      TRACELET_RUN_ID: "id-env",
    });
    expect(await resolved()).toMatchObject({
      project: "p-env",
      name: "n-env",
      tags: ["a", "b"],
      dir: "/tmp/d",
      id: "id-env",
    });
    expect(await resolved({ project: "p", expName: "n", tags: ["c"], id: "i" })).toMatchObject({
      project: "p",
      name: "n",
      tags: ["c"],
      id: "i",
    });
  });

  it("takes config between argument and environment", async () => {
    const dir = tempDir();
    process.env["TRACELET_PROJECT"] = "p-env";
    const header = async (options: object) => {
      tracelet.startLogging("jsonl", { ...quiet, dir, ...options } as never);
      await tracelet.stopLogging();
    };
    await header({ config: { file: "c.jsonl", project: "p-config" } });
    await header({ project: "p-arg", config: { file: "d.jsonl", project: "p-config" } });
    const project = (file: string) =>
      JSON.parse(readFileSync(join(dir, file), "utf8").split("\n")[0]!).run.project;
    expect([project("c.jsonl"), project("d.jsonl")]).toEqual(["p-config", "p-arg"]);
  });

  it("reads the list of backends from the environment", async () => {
    process.env["TRACELET_BACKEND"] = "memory, console";
    const experiment = tracelet.startLogging(undefined as never, quiet);
    expect(Object.keys(experiment.status().backends)).toEqual(["memory", "console"]);
  });

  it.each([
    [
      () => tracelet.startLogging("tensorbord" as "tensorboard"),
      "unknown-backend",
      /unknown backend "tensorbord"; known: tensorboard/,
    ],
    [
      () => tracelet.startLogging("jsonl", { expname: "x" } as never),
      "invalid-option",
      /unknown option "expname" \(did you mean "expName"\?\)/,
    ],
    [
      () => tracelet.startLogging("jsonl", { config: { path: "x" } } as never),
      "invalid-option",
      /backend jsonl: unknown option "path"; known options: file/,
    ],
    [
      () => tracelet.startLogging("jsonl", { tags: "a" } as never),
      "invalid-option",
      /option "tags" must be an array, not a string/,
    ],
    [() => tracelet.startLogging("jsonl", { deadlineMs: 0 }), "invalid-option", /option "deadlineMs"/],
    [() => tracelet.startLogging([]), "invalid-option", /empty/],
    [() => tracelet.startLogging(["jsonl", "jsonl"]), "invalid-option", /given twice/],
    [
      () => tracelet.startLogging(["jsonl", "memory"], { config: { jsnl: {} } } as never),
      "invalid-option",
      /"jsnl" is none of the backends/,
    ],
    [
      () => tracelet.startLogging("jsonl", { route: { jsnl: {} } }),
      "invalid-option",
      /"jsnl" is none of the backends/,
    ],
    [() => tracelet.startLogging({ backend: {} } as never), "invalid-option", /a backend is a name/],
    [
      () =>
        tracelet.registerBackend({ name: "jsonl", create: () => ({ open() {}, write() {}, close() {} }) }),
      "invalid-option",
      /already registered/,
    ],
  ])("refuses what cannot be meant (%#)", (call, code, message) => {
    const active = tracelet.getActiveExperiment();
    expect(call).toThrow(
      expect.objectContaining({ name: "TraceletError", code, message: expect.stringMatching(message) }),
    );
    expect(tracelet.getActiveExperiment()).toBe(active);
  });

  it("refuses a variable it cannot understand, by name", () => {
    process.env["TRACELET_STRICT"] = "maybe";
    expect(() => tracelet.startLogging("memory")).toThrow(
      /TRACELET_STRICT="maybe" is neither true nor false/,
    );
  });
});

describe("experiments at the same time", () => {
  it("are kept apart by withExperiment, across awaits", async () => {
    const logs = await Promise.all(
      [1, 2, 3].map(async (id) => {
        const events: tracelet.Event[] = [];
        const experiment = tracelet.createExperiment("memory", { config: { events } });
        await tracelet.withExperiment(experiment, async () => {
          for (let step = 0; step < 5; step++) {
            await new Promise((resolve) => setTimeout(resolve, id));
            new tracelet.SummaryWriter().addScalar("id", id, step);
          }
        });
        await experiment.finish();
        return scalars(events).map(({ value }) => value);
      }),
    );
    expect(logs).toEqual([1, 2, 3].map((id) => Array(5).fill(id)));
    expect(tracelet.getActiveExperiment()).toBeUndefined();
  });

  it("mark a run failed when the body throws, and pass the error on", async () => {
    const events: tracelet.Event[] = [];
    const body = () => {
      throw new Error("boom");
    };
    await expect(tracelet.withLogging("memory", { config: { events } }, body)).rejects.toThrow("boom");
    expect(events.at(-1)).toMatchObject({
      kind: "finish",
      outcome: { status: "failed", exitCode: 1, reason: "boom" },
    });
    await tracelet.withLogging("memory", { config: { events } }, (experiment) => experiment.log({ a: 1 }));
    expect(events.at(-1)).toMatchObject({ kind: "finish", outcome: { status: "finished", exitCode: 0 } });
  });

  it("end with await using", async () => {
    const events: tracelet.Event[] = [];
    {
      await using experiment = tracelet.startLogging("memory", { config: { events } });
      experiment.log({ a: 1 });
    }
    expect(events.map(({ kind }) => kind)).toEqual(["row", "finish"]);
  });
});

describe("trouble", () => {
  const failing = (): tracelet.Backend => ({
    open() {},
    write() {
      throw new Error("no space");
    },
    close() {},
  });

  it("is an event, a state and a counter, never an exception", async () => {
    const experiment = tracelet.startLogging(failing());
    const seen: tracelet.Trouble[] = [];
    experiment.on("trouble", (trouble) => seen.push(trouble));
    await experiment.ready;
    for (let i = 0; i < 5; i++) experiment.log({ a: i });
    await experiment.flush();
    expect(seen).toEqual([{ backend: "custom", message: expect.stringContaining("no space") }]);
    expect(experiment.status().troubles).toEqual(seen);
    expect(await tracelet.stopLogging()).toMatchObject({ custom: { synced: 0, dropped: 6 } });
  });

  it("is thrown at the next call when strict", async () => {
    const experiment = tracelet.startLogging({ backend: failing(), strict: true });
    await experiment.ready;
    experiment.log({ a: 1 });
    expect(() => experiment.log({ a: 2 })).toThrow(/custom: could not write: no space/);
    await expect(experiment.finish()).rejects.toThrow(/custom: 2 events were dropped/);
  });

  it("of a start is told by ready when strict, and by status otherwise", async () => {
    const broken = (): tracelet.Backend => ({
      ...failing(),
      open: () => Promise.reject(new Error("no server")),
    });
    await expect(tracelet.startLogging({ backend: broken(), strict: true }).ready).rejects.toThrow(
      /no server/,
    );
    const experiment = tracelet.startLogging(broken());
    await experiment.ready;
    expect(experiment.status().backends).toEqual({ custom: { state: "failed" } });
  });

  it("in a module that does not exist is one state; other backends go on", async () => {
    const dir = tempDir();
    const experiment = tracelet.startLogging(["jsonl", join(dir, "absent.mjs")], {
      ...quiet,
      dir,
      config: { jsonl: { file: "a.jsonl" } },
    } as never);
    experiment.log({ a: 1 });
    await experiment.ready;
    const report = await tracelet.stopLogging();
    expect(report["jsonl"]).toMatchObject({ synced: 2, dropped: 0 });
    expect(report[join(dir, "absent.mjs")]).toMatchObject({ synced: 0, dropped: 2 });
    expect(existsSync(join(dir, "a.jsonl"))).toBe(true);
  });

  it("uses the fallback for a backend that cannot start", async () => {
    const dir = tempDir();
    mkdirSync(join(dir, "runs"));
    writeFileSync(join(dir, "runs", "taken"), "a file, not a folder");
    const experiment = tracelet.startLogging("tensorboard", {
      ...quiet,
      dir,
      fallback: "jsonl",
      config: { logDir: "runs/taken/x" },
    });
    experiment.log({ a: 1 }, { step: 1 });
    const report = await tracelet.stopLogging();
    expect(report["tensorboard"]).toMatchObject({ synced: 2, dropped: 0 });
    const file = readdirSync(dir).find((name) => name.endsWith(".jsonl"))!;
    expect([...readJsonl(join(dir, file))].map(({ kind }) => kind)).toEqual(["row", "finish"]);
  });
});

describe("values", () => {
  const bad: [
    string,
    (writer: tracelet.SummaryWriter, experiment: tracelet.Experiment) => unknown,
    RegExp,
  ][] = [
    ["an empty tag", (w) => w.addScalar("", 1, 1), /tag must be a non-empty string/],
    [
      "a tag that is no string",
      (w) => w.addScalar(3 as never, 1, 1),
      /tag must be a non-empty string, not 3/,
    ],
    ["a fractional step", (w) => w.addScalar("a", 1, 1.5), /step must be an integer/],
    ["a NaN step", (w) => w.addScalar("a", 1, Number.NaN), /step must be an integer/],
    ["a step beyond 2^53", (w) => w.addScalar("a", 1, 2 ** 53), /step must be an integer/],
    ["a string value", (w) => w.addScalar("a", "1" as never, 1), /Number\(value\)/],
    ["an undefined value", (w) => w.addScalar("a", undefined as never, 1), /not a number/],
    ["an empty histogram", (w) => w.addHistogram("a", [], 1), /no values/],
    ["a ragged array", (w) => w.addHistogram("a", [[1, 2], [3]], 1), /./],
    [
      "an image whose layout does not fit",
      (w) => w.addImage("a", { shape: [2, 2], data: new Uint8Array(4) }, 1),
      /CHW/,
    ],
    ["bytes that are no image", (w) => w.addImage("a", new Uint8Array(10), 1), /no PNG/],
    ["a missing file", (w) => w.addImage("a", "/nonexistent.png", 1), /cannot read/],
    ["labels that do not match", (w) => w.addPrCurve("a", [0, 1], [0.5], 1), /differ in length/],
    ["a text that is none", (w) => w.addText("a", 3 as never, 1), /not a string/],
    ["a margin chart without 3 tags", (w) => w.addCustomScalarsMarginChart(["a"]), /3 tags/],
    [
      "vertices of another shape",
      (w) => w.addMesh("a", { shape: [3, 3], data: new Float32Array(9) }),
      /\[n, n, 3\]/,
    ],
    [
      "metadata of another length",
      (w) => w.addEmbedding([[1, 2]], { metadata: ["a", "b"] }),
      /2 rows of metadata for 1 points/,
    ],
    ["nested hyperparameters", (w) => w.addHparams({ a: {} as never }, {}), /logParams/],
    ["a missing artifact", (_, e) => e.logArtifact("/nonexistent"), /there is no file/],
    [
      "an artifact path that leaves",
      (_, e) => e.logArtifact(Buffer.from(""), { artifactPath: "../x" }),
      /artifactPath/,
    ],
    [
      "an artifact name with a slash",
      (_, e) => e.logArtifact(Buffer.from(""), { name: "a/b" }),
      /artifactPath/,
    ],
    ["uneven rows", (_, e) => e.logTable("t", { columns: ["a"], rows: [[1, 2]] }), /row 0 has 2 cells/],
    [
      "parameters with a function",
      (_, e) => e.logParams({ f: (() => 1) as never }),
      /params.f is a function/,
    ],
    [
      "parameters that contain themselves",
      (_, e) => {
        const loop: Record<string, never> = {};
        loop["x"] = loop as never;
        e.logParams(loop);
      },
      /contains itself/,
    ],
  ];

  it.each(bad)("refuse %s, and nothing else is affected", async (_, call, message) => {
    const events: tracelet.Event[] = [];
    const experiment = tracelet.startLogging("memory", { config: { events } });
    const writer = new tracelet.SummaryWriter();
    writer.addScalar("before", 1, 1);
    expect(() => call(writer, experiment)).toThrow(
      expect.objectContaining({
        name: "TraceletError",
        code: "invalid-value",
        message: expect.stringMatching(message),
      }),
    );
    writer.addScalar("after", 2, 2);
    await tracelet.stopLogging();
    expect(events.map(({ kind }) => kind)).toEqual(["scalar", "scalar", "finish"]);
  });

  it("keep step 0, a missing step, negative steps and the wall time given", async () => {
    const events: tracelet.Event[] = [];
    const experiment = tracelet.startLogging("memory", { config: { events } });
    const writer = new tracelet.SummaryWriter();
    writer.addScalar("a", 1, 0);
    writer.addScalar("a", 1);
    writer.addScalar("a", 1, -5, 12.5);
    experiment.setIteration(7);
    experiment.logMetric("a", 2);
    await tracelet.stopLogging();
    expect(scalars(events).map(({ step }) => step)).toEqual([0, undefined, -5, 7]);
    expect(scalars(events)[2]!.wallTime).toBe(12.5);
  });
});
