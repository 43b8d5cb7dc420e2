import { EventEmitter } from "node:events";
import { join } from "node:path";
import vm from "node:vm";
import * as tracelet from "tracelet";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { tempDir } from "../support/temp-dir.js";

const quiet = { system: false, git: false, environment: false } as const;

afterEach(async () => {
  await tracelet.stopLogging();
});

/** What arrives at a backend on this thread, and what the same calls leave in the worker's journal. */
async function logged(calls: (experiment: tracelet.Experiment, writer: tracelet.SummaryWriter) => void) {
  const dir = tempDir();
  const events: tracelet.Event[] = [];
  const config = { memory: { events }, jsonl: { file: "run.jsonl" } };
  const experiment = tracelet.createExperiment(["memory", "jsonl"], { dir, ...quiet, config });
  calls(experiment, new tracelet.SummaryWriter(undefined, { experiment }));
  const accepted = experiment.stats().events;
  await experiment.finish();
  const journal = [...readJsonl(join(dir, "run.jsonl"))];
  const timeless = (list: readonly tracelet.Event[]) =>
    list.map(({ wallTime: _, ...event }) => event).slice(0, -1);
  expect(timeless(journal)).toEqual(timeless(events));
  return { events: timeless(events), accepted };
}

describe("what is logged arrives as it is, or is refused", () => {
  it("columns named like what every object inherits", async () => {
    const { events } = await logged((experiment) => {
      experiment.logTable("t", [{ constructor: 1, a: 2 }, { a: 3 }, JSON.parse('{"__proto__": 4}')]);
      experiment.logArtifact([{ toString: 1 }, {}], { artifactPath: "rows.csv" });
    });
    expect(events[0]).toMatchObject({
      columns: ["constructor", "a", "__proto__"],
      rows: [
        [1, 2, null],
        [null, 3, null],
        [null, null, 4],
      ],
    });
    const { source } = events[1] as tracelet.ArtifactEvent & { source: { bytes: Uint8Array } };
    expect(new TextDecoder().decode(source.bytes)).toBe("toString\n1\n\n");
  });

  it("keys that would pollute prototypes", async () => {
    const evil = JSON.parse(
      '{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}',
    );
    const { events } = await logged((experiment, writer) => {
      experiment.logParams(evil);
      experiment.summary(evil);
      experiment.log(JSON.parse('{"__proto__": 1, "constructor": 2}'));
      writer.addHparams(JSON.parse('{"__proto__": 1}'), JSON.parse('{"__proto__": 2}'));
    });
    expect(events).toHaveLength(4);
    expect(JSON.stringify(events[0])).toContain('"__proto__":{"polluted":true}');
    expect(events[2]).toMatchObject({ tags: ["__proto__", "constructor"], values: [1, 2] });
    expect(Object.keys((events[3] as tracelet.HparamsEvent).metrics)).toEqual(["__proto__"]);
    expect({}).not.toHaveProperty("polluted");
  });

  it("typed arrays and buffers of another realm, as under Jest", async () => {
    const { events } = await logged((experiment, writer) => {
      writer.addHistogram("h", vm.runInNewContext("new Float32Array([1, 2])"));
      experiment.logArtifact(vm.runInNewContext("new Uint8Array([65])"), { artifactPath: "a.bin" });
    });
    expect(events[0]).toMatchObject({ values: Float32Array.of(1, 2) });
    expect(events[1]).toMatchObject({ source: { bytes: Uint8Array.of(65) } });
  });

  it("what cannot be logged is a TraceletError, and counts as nothing accepted", async () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
    const disposed = {
      shape: [2],
      dataSync: () => {
        throw new Error("Tensor is disposed.");
      },
    };
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const { accepted } = await logged((experiment, writer) => {
      const calls: (() => void)[] = [
        () => experiment.log(null as never),
        () => experiment.log({ a: Symbol("a") }),
        () => experiment.log({ a: 1 }, { wallTime: Number.NaN }),
        () => experiment.log({ a: 1 }, { step: 0.5 }),
        () => experiment.logMetric("a", trap),
        () => experiment.logMetric("a", "0.5"),
        () => experiment.logParams(null as never),
        () => experiment.logParams([1] as never),
        () => experiment.logParams(cyclic as never),
        () => experiment.logParams(trap),
        () => experiment.summary("best" as never),
        () => experiment.setTags("tag" as never),
        () => experiment.logTable("t", null as never),
        () => experiment.logTable("t", [null] as never),
        () => experiment.logTable("t", { columns: ["a"], rows: [[1, 2]] }),
        () => experiment.logTable("t", { columns: [1] as never, rows: [] }),
        () => experiment.logArtifact(undefined as never),
        () => experiment.logArtifact(5 as never),
        () => experiment.logArtifact("http://"),
        () => experiment.logArtifact(new URL("file:///a%E0%A4%A")),
        () => experiment.logArtifact("https://me:hunter2hunter2@host/model.bin"),
        () => experiment.record({ kind: "text", tag: "t", text: (() => {}) as never, wallTime: 0 }),
        () => writer.addScalar("a", 1, 1, "now" as never),
        () => writer.addScalar("a", 1, 1, 5n as never),
        () => writer.addScalar("a", disposed as never),
        () => writer.addHistogram("a", trap as never),
        () => writer.addHistogram("a", disposed as never),
        () => writer.addFigure("a", null as never),
        () => writer.addHparams({ a: 1 }, {}, { domainDiscrete: { toString: [] } }),
      ];
      for (const call of calls) {
        expect(call, String(call)).toThrow(
          expect.objectContaining({ name: "TraceletError", code: "invalid-value" }),
        );
      }
    });
    expect(accepted).toBe(0);
  });

  it.each([[42], [[null]], [{ backend: 5 }]])("%j in place of a backend", (backend) => {
    expect(() => tracelet.startLogging(backend as never)).toThrow(
      expect.objectContaining({ name: "TraceletError", code: "invalid-option" }),
    );
  });
});

it("a list of one backend takes its options under its name, as the types say, or as they are", async () => {
  for (const config of [{ memory: { events: [] } }, { events: [] }] as {
    memory?: { events: tracelet.Event[] };
  }[]) {
    const experiment = tracelet.createExperiment(["memory"], { config });
    experiment.log({ a: 1 });
    await experiment.finish();
    const { events } = (config.memory ?? config) as { events: tracelet.Event[] };
    expect(events.map(({ kind }) => kind)).toEqual(["row", "finish"]);
  }
});

describe("stats().queueAgeMs", () => {
  it("is the age of what waits, not of what it is about", async () => {
    const experiment = tracelet.createExperiment("jsonl", { dir: tempDir(), ...quiet });
    const writer = new tracelet.SummaryWriter(undefined, { experiment });
    // Points of an old run: the time they are given is not when they were logged.
    writer.addScalar("loss", 1, 1, 1_500_000_000);
    expect(experiment.stats().queueAgeMs).toBeLessThan(2_000);
    await experiment.flush();
    writer.addScalar("loss", 1, 2, 4_000_000_000);
    await experiment.flush();
    experiment.log({ loss: 1 });
    const until = performance.now() + 60;
    // The worker is at work on a file meanwhile; only this thread's view is looked at, without letting it speak.
    let age = 0;
    while (performance.now() < until) age = Math.max(age, experiment.stats().queueAgeMs);
    expect(age).toBeLessThan(2_000);
    await experiment.finish();
    expect(experiment.stats().queueAgeMs).toBe(0);
  });
});

describe("experiments in scopes", () => {
  it("startLogging inside withExperiment ends the run it replaces, and leaves the scope's alone", async () => {
    const replaced = tracelet.startLogging("memory");
    const scoped = tracelet.createExperiment("memory");
    const started = tracelet.withExperiment(scoped, () => tracelet.startLogging("memory"));
    expect(replaced.ended).toBe(true);
    expect([scoped.ended, started.ended]).toEqual([false, false]);
    expect(tracelet.getActiveExperiment()).toBe(started);
    await scoped.finish();
  });

  it("what a listener throws is its own error, and the experiment is told all the same", async () => {
    const escaped: string[] = [];
    const note = (error: Error) => void escaped.push(error.message);
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", note);
    try {
      const failing: tracelet.Backend = {
        open() {},
        write: () => Promise.reject(new Error("disk")),
        close() {},
      };
      const experiment = tracelet.createExperiment(failing);
      const heard: string[] = [];
      experiment.on("trouble", () => {
        throw new Error("listener");
      });
      experiment.on("trouble", ({ message }) => void heard.push(message));
      experiment.log({ a: 1 });
      await vi.waitFor(() => expect(heard).toHaveLength(1));
      await vi.waitFor(() => expect(escaped).toEqual(["listener"]));
      expect(await experiment.finish()).toMatchObject({ custom: { dropped: 2 } });
    } finally {
      process.off("uncaughtException", note);
      for (const other of others) process.on("uncaughtException", other);
    }
  });
});

describe("signals", () => {
  const handled = () => EventEmitter.listenerCount(process, "SIGTERM");

  it("are handled while an experiment is open that wants it, and left alone otherwise", async () => {
    const before = handled();
    const without = tracelet.createExperiment("memory", { signals: false });
    new tracelet.SummaryWriter(join(tempDir(), "own"), { experiment: without });
    expect(handled()).toBe(before);
    const wanting = tracelet.createExperiment("memory");
    expect(handled()).toBe(before + 1);
    await wanting.finish();
    expect(handled()).toBe(before);
    await without.finish();
  });
});

describe("flushSync", () => {
  it("flushes backends on this thread, and says whether they had finished writing", async () => {
    let release = () => {};
    let flushed = 0;
    const slow: tracelet.Backend = {
      open() {},
      write: () => new Promise<void>((resolve) => (release = resolve)),
      flush: () => void flushed++,
      close() {},
    };
    const experiment = tracelet.createExperiment(slow);
    expect(experiment.flushSync()).toBe(true);
    expect(flushed).toBe(1);
    await experiment.flush();
    experiment.log({ a: 1 });
    expect(experiment.flushSync()).toBe(false);
    release();
    await experiment.finish({ deadlineMs: 1 });
  });
});
