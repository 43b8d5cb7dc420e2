import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as tracelet from "tracelet";
import { EventFileReader, SummaryWriter } from "tracelet/tensorboard-writer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tempDir } from "../support/temp-dir.js";

const valuesIn = (folder: string) =>
  [...new EventFileReader(folder)].flatMap(({ summary, step = 0 }) =>
    (summary?.value ?? []).flatMap(({ tag, simpleValue }) =>
      simpleValue === undefined ? [] : [[tag, simpleValue, step]],
    ),
  );
const steps = (events: readonly tracelet.Event[]) =>
  events.flatMap((event) => (event.kind === "scalar" ? [event.step] : []));

let dir: string;
beforeEach(() => {
  dir = tempDir();
  // A folder of its own, because the writer's default is below the working directory.
  vi.spyOn(process, "cwd").mockReturnValue(dir);
  process.env["TRACELET_DIR"] = dir;
});
afterEach(async () => {
  await tracelet.stopLogging();
  delete process.env["TRACELET_DIR"];
  vi.restoreAllMocks();
});

describe("a SummaryWriter", () => {
  it("without an experiment writes plain event files under runs/, named as PyTorch's, and nothing else", async () => {
    const writer = new SummaryWriter(undefined, { comment: "_demo" });
    expect(readdirSync(dir)).toEqual([]);
    writer.addScalar("loss", 0.5, 3);
    await writer.close();
    const [folder] = readdirSync(join(dir, "runs"));
    expect(folder).toMatch(/^[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d_.+_demo$/);
    expect(readdirSync(join(dir, "runs", folder!))).toEqual([
      expect.stringContaining("events.out.tfevents."),
    ]);
    expect(valuesIn(join(dir, "runs", folder!))).toEqual([["loss", 0.5, 3]]);
    expect(tracelet.getActiveExperiment()).toBeUndefined();
  });

  it("with a folder writes there; used again after close it goes on in a new file", async () => {
    const writer = new SummaryWriter(join(dir, "mine"), { filenameSuffix: ".x" });
    writer.addScalar("a", 1, 1);
    await writer.close();
    writer.addScalar("a", 2, 2);
    await writer.close();
    const files = readdirSync(join(dir, "mine"));
    expect(files).toHaveLength(2);
    expect(files.every((name) => name.endsWith(".x"))).toBe(true);
    expect(valuesIn(join(dir, "mine"))).toEqual([
      ["a", 1, 1],
      ["a", 2, 2],
    ]);
  });

  it("with an active experiment logs to it alone; with a folder too, to both", async () => {
    const events: tracelet.Event[] = [];
    tracelet.startLogging("memory", { config: { events } });
    new SummaryWriter().addScalar("a", 1, 1);
    expect(readdirSync(dir)).toEqual([]);
    const both = new SummaryWriter(join(dir, "tb"));
    both.addScalar("a", 2, 2);
    both.addText("t", "x", 3);
    await both.close();
    await tracelet.stopLogging();
    expect(steps(events)).toEqual([1, 2]);
    expect(events.map(({ kind }) => kind)).toEqual(["scalar", "scalar", "text", "finish"]);
    expect(valuesIn(join(dir, "tb"))).toEqual([["a", 2, 2]]);
  });

  it("made before the start finds the experiment at its first call, and the next one after a restart", async () => {
    const writer = new SummaryWriter();
    const runs: tracelet.Event[][] = [[], []];
    for (const [index, events] of runs.entries()) {
      tracelet.startLogging("memory", { config: { events } });
      writer.addScalar("a", 0, index);
      await tracelet.stopLogging();
    }
    expect(runs.map(steps)).toEqual([[0], [1]]);
    // Nothing is active now: no event files appear behind the script's back.
    writer.addScalar("a", 0, 9);
    expect(readdirSync(dir)).toEqual([]);
  });

  it("keeps to the experiment it was given, whatever is active", async () => {
    const [mine, active]: tracelet.Event[][] = [[], []];
    const experiment = tracelet.createExperiment("memory", { config: { events: mine! } });
    tracelet.startLogging("memory", { config: { events: active! } });
    new SummaryWriter(undefined, { experiment }).addScalar("a", 1, 1);
    await experiment.finish();
    await tracelet.stopLogging();
    expect([steps(mine!), steps(active!)]).toEqual([[1], []]);
  });
});

describe("an experiment gathers", () => {
  it("its surroundings and samples of the machine, and what the script prints when asked to", async () => {
    process.env["MY_API_TOKEN"] = "tok-3141592653589793";
    // What is captured is passed on to this.
    const terminal = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const experiment = tracelet.startLogging("jsonl", {
      system: { intervalMs: 100 },
      console: true,
      config: { file: "run.jsonl" },
      params: { apiKey: "abc", lr: 0.1 },
    });
    process.stdout.write("token is tok-3141592653589793\n");
    const sampled = () => readFileSync(join(dir, "run.jsonl"), "utf8").split('"kind":"system"').length - 1;
    await vi.waitFor(() => expect(sampled()).toBeGreaterThanOrEqual(2), 20_000);
    experiment.log({ a: 1 });
    await tracelet.stopLogging();
    delete process.env["MY_API_TOKEN"];
    const text = readFileSync(join(dir, "run.jsonl"), "utf8");
    expect(text).not.toContain("3141592653589793");
    expect(text).not.toContain('"abc"');
    expect(terminal).toHaveBeenCalledWith("token is tok-3141592653589793\n");
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const kinds = lines.map(({ kind }) => kind as string | undefined);
    expect(lines.filter(({ kind }) => kind === "console")).toMatchObject([
      { stream: "stdout", text: "token is ***\n" },
    ]);
    expect(kinds.filter((kind) => kind === "system").length).toBeGreaterThanOrEqual(2);
    const environment = lines.find(({ kind }) => kind === "environment")!.environment;
    expect(environment).toMatchObject({ node: process.version, platform: process.platform });
    expect(lines.find(({ kind }) => kind === "system")!.values["process.memory.rss.bytes"]).toBeGreaterThan(
      1e6,
    );
  });
});
