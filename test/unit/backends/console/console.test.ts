import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConsoleOptions, consoleOptions } from "#backends/console/options.js";
import { EVENT_KINDS, type Event } from "#src/events/event.js";
import { SAMPLE_EVENTS } from "../jsonl/sample-events.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-console-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A program that prints these batches; the backend writes to file descriptors, so it needs a process of its own. */
function program(batches: readonly (readonly Event[])[], options: ConsoleOptions = {}): string {
  const file = join(dir, "program.mjs");
  writeFileSync(
    file,
    `import { backend } from ${JSON.stringify(import.meta.resolve("#backends/console/backend.js"))};
     const sink = await backend.create(${JSON.stringify(options)}, { warn() {}, location() {}, drop() {} });
     await sink.open({ id: "abcd1234", name: "baseline", project: "vision", tags: [], params: {}, dir: ".", startTime: 1 });
     for (const batch of ${JSON.stringify(batches)}) await sink.write(batch);
     await sink.close({ status: "finished", exitCode: 0 });`,
  );
  return file;
}
function printed(batches: readonly (readonly Event[])[], options: ConsoleOptions = {}): string[] {
  const out = execFileSync(process.execPath, [program(batches, options)], { encoding: "utf8" });
  const lines = out.split("\n");
  expect(lines[0]).toBe("run          project vision  name baseline  id abcd1234");
  expect(lines.slice(-2)).toEqual(["finished     exit code 0", ""]);
  return lines.slice(1, -2);
}
const scalar = (tag: string, value: number, step?: number): Event => ({
  kind: "scalar",
  wallTime: 1,
  tag,
  value,
  ...(step === undefined ? {} : { step }),
});

describe("the console backend prints", () => {
  test("one aligned line a step", () => {
    const events = [
      scalar("loss", 0.123456, 0),
      scalar("acc", 0.5, 0),
      scalar("loss", 0.1, 1),
      scalar("acc", 0.75, 1),
    ];
    expect(printed([events])).toEqual([
      "step 0       loss 0.12346  acc 0.5",
      "step 1       loss 0.1      acc 0.75",
    ]);
  });

  test("a tag that comes twice in a step, twice; a row with its main tag; no step", () => {
    const row: Event = {
      kind: "row",
      wallTime: 1,
      step: 2,
      mainTag: "loss",
      tags: ["a", "b"],
      values: [1, 2],
    };
    expect(printed([[scalar("x", 1, 1), scalar("x", 2, 1), row, scalar("y", 3)]])).toEqual([
      "step 1       x 1",
      "step 1       x 2",
      "step 2       loss/a 1  loss/b 2",
      "no step      y 3",
    ]);
  });

  test("with every: n only each n-th step, and all without a step", () => {
    const events = [0, 1, 9, 10, 20, 25].map((step) => scalar("x", 1, step));
    expect(printed([[...events, scalar("x", 5)]], { every: 10 })).toEqual([
      "step 0       x 1",
      "step 10      x 1",
      "step 20      x 1",
      "no step      x 5",
    ]);
  });

  test("parameters, summary, text and media in the order they were logged", () => {
    const events: Event[] = [
      { kind: "params", wallTime: 1, params: { lr: 0.001, model: { layers: 50 } } },
      scalar("x", 1, 1),
      { kind: "text", wallTime: 1, step: 1, tag: "note", text: "# one\ntwo" },
      scalar("y", 1, 1),
      {
        kind: "image",
        wallTime: 1,
        step: 3,
        tag: "preds",
        image: { tensor: { shape: [3, 512, 512], data: new Uint8Array() }, layout: "CHW" },
      },
      { kind: "console", wallTime: 1, stream: "stdout", text: "seen already" },
      { kind: "summary", wallTime: 1, values: { best: 0.9 } },
    ];
    expect(printed([events])).toEqual([
      "params       lr 0.001  model.layers 50",
      "step 1       x 1",
      "text         note  step 1",
      "  # one",
      "  two",
      "step 1       y 1",
      "image        preds  512x512 CHW  step 3",
      "summary      best 0.9",
    ]);
  });

  test("to stderr when asked", () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [program([[scalar("x", 1, 1)]], { stream: "stderr" })],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toBe("");
    expect(stderr).toContain("step 1       x 1\n");
  });

  test("broken at a width", () => {
    expect(printed([[scalar("alpha/one", 0.5, 1), scalar("beta/two", 0.25, 1)]], { width: 55 })).toEqual([
      "step 1       alpha/one 0.5  beta/two 0.25",
    ]);
    expect(
      printed([[scalar("alpha/one/more", 0.5, 1), scalar("beta/two/and/more/yet", 0.25, 1)]], { width: 55 }),
    ).toEqual(["step 1       alpha/one/more 0.5", "             beta/two/and/more/yet 0.25"]);
  });
});

test("every kind is printed without an exception", async () => {
  const file = join(dir, "kinds.mjs");
  writeFileSync(
    file,
    `import { backend } from ${JSON.stringify(import.meta.resolve("#backends/console/backend.js"))};
     import { readJsonl } from ${JSON.stringify(import.meta.resolve("#backends/jsonl/reader.js"))};
     const sink = await backend.create({}, { warn() {}, location() {}, drop() {} });
     for (const event of readJsonl(process.argv[2])) await sink.write([event]);`,
  );
  const { backend: jsonl } = await import("#backends/jsonl/backend.js");
  const sink = await jsonl.create(
    { file: join(dir, "all.jsonl") },
    { warn() {}, address() {}, location() {}, drop() {} },
  );
  await sink.open({ id: "a", name: undefined, project: "p", tags: [], params: {}, dir, startTime: 1 });
  for (const kind of EVENT_KINDS) await sink.write(SAMPLE_EVENTS[kind]);
  await sink.close({ status: "finished", exitCode: 0 }, 5_000);
  const out = execFileSync(process.execPath, [file, join(dir, "all.jsonl")], { encoding: "utf8" });
  for (const kind of EVENT_KINDS) {
    const silent = ["scalar", "row", "console", "finish"].includes(kind);
    expect(out.includes(`\n${kind}`), kind).toBe(!silent);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be printed
  expect(out).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
});

describe.skipIf(spawnSync("script", ["--version"]).status !== 0)("on a terminal", () => {
  const onTerminal = (environment: Record<string, string>, columns: number): string =>
    execFileSync(
      "script",
      [
        "-qec",
        `stty cols ${columns}; "${process.execPath}" "${program([[scalar("x", 1, 1), scalar("y", 2, 1)]])}"`,
        "/dev/null",
      ],
      {
        encoding: "utf8",
        env: { ...process.env, TERM: "xterm", NO_COLOR: "", ...environment },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );

  test("there are colours, unless NO_COLOR forbids them or the terminal has none", () => {
    expect(onTerminal({}, 80)).toContain("\u001b[1mstep 1");
    expect(onTerminal({ NO_COLOR: "1" }, 80)).not.toContain("\u001b[");
    expect(onTerminal({ TERM: "dumb" }, 80)).not.toContain("\u001b[");
  });

  test("lines are broken at its width", () => {
    expect(onTerminal({ NO_COLOR: "1" }, 20)).toContain("step 1       x 1\r\n             y 2\r\n");
  });
});

test("a pipe that is full and non-blocking is waited for", () => {
  // The reader takes nothing for a while; the writer's pipe is made non-blocking by its own process.stdout.
  const events = Array.from({ length: 20_000 }, (_, step) => scalar("a/long/enough/tag", step, step));
  const file = program([events]);
  const out = execFileSync("sh", ["-c", `"$0" "$1" | { sleep 0.5; wc -l; }`, process.execPath, file], {
    encoding: "utf8",
  });
  expect(Number(out)).toBe(20_002);
});

test("a reader that left makes write throw, and close does not", () => {
  const file = join(dir, "gone.mjs");
  writeFileSync(
    file,
    `import { backend } from ${JSON.stringify(import.meta.resolve("#backends/console/backend.js"))};
     const sink = await backend.create({}, { warn() {}, location() {}, drop() {} });
     let code;
     // Until the reader has left.
     for (const end = Date.now() + 8_000; code === undefined && Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 5)))
       try { sink.write([{ kind: "scalar", wallTime: 1, tag: "a", value: 1 }]); } catch (error) { code = error.code; }
     console.error(code, JSON.stringify(sink.close({ status: "finished", exitCode: 0 })));`,
  );
  const { stderr } = spawnSync("sh", ["-c", `"$0" "$1" | true`, process.execPath, file], {
    encoding: "utf8",
  });
  expect(stderr.trim()).toBe("EPIPE undefined");
});

test("options: ranges and names are checked", async () => {
  const issues = async (value: unknown) =>
    (await consoleOptions["~standard"].validate(value)).issues?.length ?? 0;
  expect(await issues({ stream: "stderr", every: 10, width: 80 })).toBe(0);
  expect(await issues({ stream: "file" })).toBe(1);
  expect(await issues({ every: 0 })).toBe(1);
  expect(await issues({ every: 1.5 })).toBe(1);
  expect(await issues({ color: true })).toBe(1);
});
