import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { backend } from "#backends/jsonl/backend.js";
import { jsonlOptions } from "#backends/jsonl/options.js";
import { readJsonl } from "#backends/jsonl/reader.js";
import type { Backend, RunDescription } from "#src/backend/contract.js";
import { EVENT_KINDS, type Event } from "#src/events/event.js";
import { SAMPLE_EVENTS } from "./sample-events.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-jsonl-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const run = (changes: Partial<RunDescription> = {}): RunDescription => ({
  id: "abcd1234",
  name: "baseline",
  project: "p",
  tags: ["t"],
  params: { lr: 0.1 },
  dir,
  startTime: 1_700_000_000,
  ...changes,
});
const done = { status: "finished", exitCode: 0 } as const;

async function create(options: { file?: string } = {}): Promise<{ sink: Backend; where: string[] }> {
  const where: string[] = [];
  const context = {
    warn: () => {},
    drop: () => {},
    address() {},
    location: (path: string) => void where.push(path),
  };
  return { sink: await backend.create(options, context), where };
}
async function writeAll(events: readonly Event[], options: { file?: string } = {}): Promise<string> {
  const { sink, where } = await create(options);
  await sink.open(run());
  await sink.write(events);
  await sink.close(done, 5_000);
  return where[0]!;
}
const scalar = (step: number): Event => ({ kind: "scalar", wallTime: 1, step, tag: "a", value: step / 3 });

describe("what is written can be read back", () => {
  test.each(EVENT_KINDS)("%s", async (kind) => {
    const events: readonly Event[] = SAMPLE_EVENTS[kind];
    expect(events.length).toBeGreaterThan(0);
    const read = [...readJsonl(await writeAll(events))];
    // toStrictEqual tells -0 from 0, NaN from null, and one typed array from another.
    expect(read).toStrictEqual(events);
    read.forEach((event, index) => {
      expect(Object.keys(event)).toEqual(Object.keys(events[index]!));
    });
  });

  test("a name __proto__ is data", async () => {
    const params = JSON.parse('{"__proto__": {"polluted": true}, "a": {"$b": 1, "__proto__": 2}}');
    const [event] = readJsonl(await writeAll([{ kind: "params", wallTime: 1, params }]));
    expect(JSON.stringify((event as { params: unknown }).params)).toBe(JSON.stringify(params));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test("columns of scalars", async () => {
    const { sink, where } = await create();
    await sink.open(run());
    await sink.writeScalars!({
      length: 4,
      tags: ["a", 'b"\n', "a", "c", "beyond length"],
      values: Float64Array.of(0.1, Number.NaN, -0, Number.NEGATIVE_INFINITY, 9),
      steps: Float64Array.of(0, 2 ** 53 - 1, Number.NaN, -1, 9),
      wallTimes: Float64Array.of(1_700_000_000.000001, 2, 3, 4, 9),
    });
    await sink.close(done, 5_000);
    expect([...readJsonl(where[0]!)]).toStrictEqual([
      { kind: "scalar", wallTime: 1_700_000_000.000001, step: 0, tag: "a", value: 0.1 },
      { kind: "scalar", wallTime: 2, step: 2 ** 53 - 1, tag: 'b"\n', value: Number.NaN },
      { kind: "scalar", wallTime: 3, tag: "a", value: -0 },
      { kind: "scalar", wallTime: 4, step: -1, tag: "c", value: Number.NEGATIVE_INFINITY },
    ]);
  });

  test("lines longer than the reader's chunk, and characters across its border", async () => {
    const events: Event[] = [65_530, 65_536, 200_001].map((length) => ({
      kind: "text",
      wallTime: 1,
      tag: "é".repeat(7),
      text: "日".repeat(length),
    }));
    expect([...readJsonl(await writeAll(events))]).toStrictEqual(events);
  });
});

describe("the form of the file", () => {
  test("plain JSON that any reader understands, after a line about the run", async () => {
    const path = await writeAll([
      { kind: "scalar", wallTime: 1.5, step: 3, tag: "loss", value: 0.25 },
      { kind: "scalar", wallTime: 2, tag: "loss", value: Number.NaN },
      { kind: "histogram", wallTime: 2, tag: "h", values: Float32Array.of(1, 2), bins: 1 },
    ]);
    expect(readFileSync(path, "utf8").trimEnd().split("\n")).toEqual([
      '{"format":"tracelet-jsonl","version":1,"run":{"id":"abcd1234","name":"baseline","project":"p","tags":["t"],"params":{"lr":0.1},"startTime":1700000000}}',
      '{"kind":"scalar","wallTime":1.5,"step":3,"tag":"loss","value":0.25}',
      '{"kind":"scalar","wallTime":2,"tag":"loss","value":{"$number":"NaN"}}',
      // 1 and 2 as IEEE 754 single precision, little-endian: 00 00 80 3f 00 00 00 40.
      '{"kind":"histogram","wallTime":2,"tag":"h","values":{"$array":"float32","data":"AACAPwAAAEA="},"bins":1}',
    ]);
  });

  test.each([
    ["baseline", "baseline.jsonl"],
    [undefined, "abcd1234.jsonl"],
    ["../../etc/x", "__.._etc_x.jsonl"],
    [" ", "abcd1234.jsonl"],
    ["日".repeat(300), `${"日".repeat(50)}.jsonl`],
    ["..", "_.jsonl"],
    ["lr=0.1 日本", "lr_0.1 日本.jsonl"],
  ])("name %s gives %s", async (name, file) => {
    const { sink, where } = await create();
    await sink.open(run({ name }));
    await sink.close(done, 5_000);
    expect(where).toEqual([join(dir, file)]);
  });

  test("a second run of the same name gets its own file; a file that was asked for is continued", async () => {
    expect(await writeAll([scalar(1)])).toBe(join(dir, "baseline.jsonl"));
    expect(await writeAll([scalar(2)])).toBe(join(dir, "baseline-abcd1234.jsonl"));
    await writeAll([scalar(3)], { file: "deep/x.jsonl" });
    const path = await writeAll([scalar(4)], { file: "deep/x.jsonl" });
    expect(path).toBe(join(dir, "deep/x.jsonl"));
    expect([...readJsonl(path)]).toEqual([scalar(3), scalar(4)]);
    expect([...readJsonl(join(dir, "baseline.jsonl"))]).toEqual([scalar(1)]);
  });
});

describe("damaged files", () => {
  test("a torn last line is passed over wherever it was cut", async () => {
    const path = await writeAll([scalar(1), { kind: "text", wallTime: 1, tag: "t", text: "日本" }]);
    const bytes = readFileSync(path);
    const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
    for (let end = lastLine; end < bytes.length - 1; end += 1) {
      writeFileSync(path, bytes.subarray(0, end));
      expect([...readJsonl(path)], `cut at ${end}`).toEqual([scalar(1)]);
    }
    // Only the line end is missing: the event is whole.
    writeFileSync(path, bytes.subarray(0, -1));
    expect([...readJsonl(path)]).toHaveLength(2);
    // Some file systems leave zeros after a power loss.
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(4096)]));
    expect([...readJsonl(path)]).toHaveLength(2);
  });

  test("a session added after a torn line reads on", async () => {
    const path = await writeAll([scalar(1)], { file: "x.jsonl" });
    appendFileSync(path, '{"kind":"scalar","wall');
    await writeAll([scalar(2)], { file: "x.jsonl" });
    expect([...readJsonl(path)]).toEqual([scalar(1), scalar(2)]);
  });

  test.each([
    [
      "a broken line in the middle",
      '{"kind":"scal\n{"kind":"tags","wallTime":1,"tags":[]}\n',
      /line 1 is not JSON/,
    ],
    ["two broken lines", "x\ny\n", /line 1 is not JSON/],
    ["another kind", '{"kind":"hologram"}\n', /line 1 is no event/],
    ["another file", "[1,2]\n", /line 1 is no event/],
    ["a later version", '{"format":"tracelet-jsonl","version":2}\n', /version 2.*update tracelet/],
  ])("%s is an error that names the line", (_what, text, message) => {
    writeFileSync(join(dir, "x.jsonl"), text);
    let error: unknown;
    try {
      [...readJsonl(join(dir, "x.jsonl"))];
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({
      name: "TraceletError",
      code: "invalid-file",
      message: expect.stringMatching(message),
    });
  });

  test("an unknown mark of a later release is not taken for data", () => {
    writeFileSync(
      join(dir, "x.jsonl"),
      '{"kind":"params","wallTime":1,"params":{"a":{"$date":1}}}\n{"kind":"tags"}\n',
    );
    expect(() => [...readJsonl(join(dir, "x.jsonl"))]).toThrow(/line 1 holds data of a newer release/);
  });
});

describe("a disk that is full", () => {
  test.runIf(process.platform === "linux")(
    "leaves whole batches only, throws, and goes on when there is room",
    () => {
      // A limit on file sizes takes a part of a write and refuses the rest, just as a full disk does.
      const script = `
      process.on("SIGXFSZ", () => {});
      const { backend } = await import(${JSON.stringify(import.meta.resolve("#backends/jsonl/backend.js"))});
      const { statSync } = await import("node:fs");
      const sink = await backend.create({}, { warn() {}, location() {}, drop() {} });
      sink.open(${JSON.stringify(run({ params: {} }))});
      const small = { kind: "scalar", wallTime: 1, step: 1, tag: "a", value: 1 };
      sink.write([small]);
      const before = statSync(${JSON.stringify(join(dir, "baseline.jsonl"))}).size;
      let problem;
      try { sink.write([small, { kind: "text", wallTime: 1, tag: "t", text: "x".repeat(10000) }]); } catch (error) { problem = error; }
      const after = statSync(${JSON.stringify(join(dir, "baseline.jsonl"))}).size;
      sink.write([{ ...small, step: 2 }]);
      console.log(JSON.stringify([before === after, problem.code, problem.message, problem.cause.code]));`;
      const out = execFileSync(
        "sh",
        ["-c", `ulimit -f 2; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
        {
          encoding: "utf8",
        },
      );
      const [untouched, code, message, cause] = JSON.parse(out);
      expect(untouched).toBe(true);
      expect(code).toBe("backend-failed");
      expect(message).toContain("Free space");
      expect(cause).toBe("EFBIG");
      expect([...readJsonl(join(dir, "baseline.jsonl"))].map((event) => event.step)).toEqual([1, 2]);
    },
  );

  test.runIf(process.platform === "linux")(
    "a device without room says so when the run is opened",
    async () => {
      const { sink } = await create({ file: "/dev/full" });
      expect(() => sink.open(run())).toThrow(/Cannot write to \/dev\/full: ENOSPC/);
    },
  );

  test("a folder that cannot be made says so", async () => {
    writeFileSync(join(dir, "file"), "");
    const { sink } = await create({ file: "file/x.jsonl" });
    expect(() => sink.open(run())).toThrow(/Cannot open .*Choose another/);
  });
});

test("options: unknown ones and empty names are refused", async () => {
  const validate = (value: unknown) => jsonlOptions["~standard"].validate(value);
  expect((await validate({})).issues).toBeUndefined();
  expect((await validate({ file: "x" })).issues).toBeUndefined();
  expect((await validate({ file: "" })).issues).toHaveLength(1);
  expect((await validate({ path: "x" })).issues).toHaveLength(1);
});
