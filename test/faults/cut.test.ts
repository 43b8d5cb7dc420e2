import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExperiment, SummaryWriter, withExperiment } from "tracelet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJsonl } from "#backends/jsonl/reader.js";
import { EventFileReader } from "#backends/tensorboard/event-reader.js";

// A file cut at any byte, as a crash of the machine may leave it, reads up to its last whole record.

let dir: string;
let eventFile: string;
const jsonlFile = () => join(dir, "run.jsonl");

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-cut-"));
  const experiment = createExperiment(["tensorboard", "jsonl"], {
    dir,
    params: { lr: 0.1, näme: "ünïcode 🚀" },
    config: { tensorboard: { logDir: "run" }, jsonl: { file: "run.jsonl" } },
    system: false,
    git: false,
    environment: false,
  });
  experiment.log({ loss: 0.5, größe: Number.NaN }, { step: 1 });
  for (let step = 2; step < 8; step++) experiment.logMetric("loss", 1 / step, step);
  withExperiment(experiment, () => {
    const writer = new SummaryWriter();
    writer.addText("note", "zwei\nZeilen 🚀", 8);
    writer.addHistogram("weights", [1, 2, 3], 8);
  });
  await experiment.finish();
  const [name] = readdirSync(join(dir, "run")).filter((entry) => entry.includes("tfevents"));
  eventFile = join(dir, "run", name!);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Ends of the records of a TFRecord file: 8 bytes of length, 4 of checksum, the payload, 4 of checksum. */
function recordEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    at += 16 + Number(bytes.readBigUInt64LE(at));
    ends.push(at);
  }
  return ends;
}

test("an event file", () => {
  const bytes = readFileSync(eventFile);
  const ends = recordEnds(bytes);
  expect(ends.length).toBeGreaterThan(9);
  const whole = [...new EventFileReader(eventFile)];
  expect(whole).toHaveLength(ends.length);
  const copy = join(dir, "cut.tfevents");
  writeFileSync(copy, bytes);
  for (let length = bytes.length; length >= 0; length--) {
    truncateSync(copy, length);
    const reader = new EventFileReader(copy);
    const read = [...reader];
    const expected = ends.filter((end) => end <= length).length;
    expect(read).toEqual(whole.slice(0, expected));
    expect(reader.status[0]).toMatchObject({
      state: length === 0 || ends.includes(length) ? "end" : "torn",
      offset: expected === 0 ? 0 : ends[expected - 1],
    });
  }
});

test("a JSON lines file", () => {
  const bytes = readFileSync(jsonlFile());
  const whole = [...readJsonl(jsonlFile())];
  expect(whole.length).toBeGreaterThan(8);
  // The first line describes the run; each other one is an event.
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 0x0a).map((at) => at + 1);
  expect(ends).toHaveLength(whole.length + 1);
  const copy = join(dir, "cut.jsonl");
  writeFileSync(copy, bytes);
  for (let length = bytes.length; length >= 0; length--) {
    truncateSync(copy, length);
    // A line that lacks nothing but its end is whole.
    const expected = ends.filter((end) => end - 1 <= length).length - 1;
    expect([...readJsonl(copy)], `cut at ${length}`).toEqual(whole.slice(0, Math.max(0, expected)));
  }
});
