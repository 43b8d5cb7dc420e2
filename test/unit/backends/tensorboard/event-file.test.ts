import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openEventFile } from "#backends/tensorboard/event-file.js";
import { EventFileReader, EventFileWriter, type EventMessage } from "#backends/tensorboard/index.js";
import { appendRecord, createRecordBuffer } from "#backends/tensorboard/records.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tracelet-tb-"));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const read = (path: string): EventMessage[] => [...new EventFileReader(path)];

describe("openEventFile", () => {
  it("begins with the version, readable at once", () => {
    const file = openEventFile(join(folder, "new", "run"));
    expect(read(join(folder, "new", "run"))).toEqual([
      {
        wallTime: expect.closeTo(Date.now() / 1000, -1),
        fileVersion: "brain.Event:2",
        sourceMetadata: { writer: "tracelet" },
      },
    ]);
    expect(statSync(file.path).size).toBe(file.size);
    file.close();
    file.close();
  });

  it("names files in the order of their creation, also against a clock that goes back", () => {
    const names: string[] = [];
    for (let i = 0; i < 12; i++) {
      if (i === 6) vi.spyOn(Date, "now").mockReturnValue(1000 * 1_500_000_000);
      const file = openEventFile(folder, { filenameSuffix: ".part" });
      names.push(basename(file.path));
      file.close();
    }
    expect([...names].sort()).toEqual(names);
    expect(names[0]).toMatch(/^events\.out\.tfevents\.\d{10}\..+\.\d{7}\.\d{6}\.part$/);
  });

  it("sorts behind a file of a later second or another host", () => {
    const later = Math.floor(Date.now() / 1000) + 100;
    writeFileSync(join(folder, `events.out.tfevents.${later}.zzzz.99.0`), "");
    const file = openEventFile(folder);
    file.close();
    expect(readdirSync(folder).sort().at(-1)).toBe(basename(file.path));
  });

  it("says what to do when it cannot create the file", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => openEventFile(join(folder, "file"))).toThrow(
      expect.objectContaining({ code: "backend-failed", message: expect.stringContaining("logDir") }),
    );
  });

  it("writes the session start for purging once in a new folder, twice in a resumed one", () => {
    const starts = () => read(folder).filter(({ sessionLog }) => sessionLog !== undefined);
    openEventFile(folder, { purgeStep: 7 }).close();
    expect(starts()).toEqual([{ wallTime: expect.any(Number), step: 7, sessionLog: { status: 1 } }]);
    openEventFile(folder, { purgeStep: 9 }).close();
    expect(starts().map(({ step }) => step)).toEqual([7, 9, 9]);
    openEventFile(folder).close();
    expect(starts()).toHaveLength(3);
  });

  it("goes on in a new file when the folder is removed, and says so once", () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const onRemoved = vi.fn();
    const run = join(folder, "run");
    const file = openEventFile(run, { onRemoved });
    const first = readFileSync(file.path);
    for (let i = 1; i <= 2; i++) {
      rmSync(run, { recursive: true });
      now += 1001;
      file.append(first);
      expect(onRemoved).toHaveBeenCalledTimes(1);
      expect(read(run)).toHaveLength(2);
    }
    file.close();
  });

  it("keeps writing into a folder that was renamed", () => {
    const onRemoved = vi.fn();
    const file = openEventFile(join(folder, "a"), { onRemoved });
    const first = readFileSync(file.path);
    renameSync(join(folder, "a"), join(folder, "b"));
    file.append(first);
    file.close();
    expect(read(join(folder, "b"))).toHaveLength(2);
    expect(onRemoved).not.toHaveBeenCalled();
  });

  it("reports a removal at the latest when closing", () => {
    const onRemoved = vi.fn();
    const file = openEventFile(join(folder, "a"), { onRemoved });
    rmSync(join(folder, "a"), { recursive: true });
    file.close();
    expect(onRemoved).toHaveBeenCalledTimes(1);
  });

  it("leaves whole records behind when the disk takes no more", () => {
    // A limit on the size of files (8 blocks of 512 or 1024 bytes) stands for the full disk.
    const module = new URL("../../../../dist/backends/tensorboard/index.js", import.meta.url);
    const script = `
      import { EventFileWriter } from ${JSON.stringify(module.href)};
      const writer = new EventFileWriter(${JSON.stringify(folder)});
      let errors = 0;
      for (let i = 0; i < 40; i++) {
        try { writer.addScalar("t".repeat(1000), i, i + 1); } catch (error) { errors += error.code === "backend-failed"; }
      }
      for (let i = 0; i < 3; i++) try { writer.addScalar("s", i, 100); } catch {}
      writer.close();
      console.log(errors);`;
    const child = spawnSync(
      "sh",
      ["-c", 'trap "" XFSZ; ulimit -f 8; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: "utf8" },
    );
    expect(child.stderr).toBe("");
    expect(Number(child.stdout)).toBeGreaterThan(20);
    const reader = new EventFileReader(folder);
    const events = [...reader];
    expect(reader.status).toMatchObject([{ state: "end" }]);
    expect(events.length).toBeGreaterThan(3);
    expect(events.length).toBeLessThan(20);
  });
});

describe("EventFileReader", () => {
  it("reads what EventFileWriter wrote", () => {
    const writer = new EventFileWriter(folder);
    writer.addScalar("a", 0.5, 3, 1000);
    writer.addScalars({
      length: 2,
      tags: ["a", "b", "not counted"],
      values: Float64Array.of(1, 2, 3),
      steps: Float64Array.of(4, NaN, 5),
      wallTimes: Float64Array.of(1001, 1002, 1003),
    });
    writer.addEvent({ wallTime: 1004, graphDef: Uint8Array.of(1, 2) });
    writer.flush();
    writer.close();
    expect(read(writer.path).slice(1)).toEqual([
      { wallTime: 1000, step: 3, summary: { value: [{ tag: "a", simpleValue: 0.5 }] } },
      { wallTime: 1001, step: 4, summary: { value: [{ tag: "a", simpleValue: 1 }] } },
      { wallTime: 1002, summary: { value: [{ tag: "b", simpleValue: 2 }] } },
      { wallTime: 1004, graphDef: Uint8Array.of(1, 2) },
    ]);
    expect(() => writer.addScalar("a", 1)).toThrow(expect.objectContaining({ code: "backend-failed" }));
  });

  it("reads the files of a folder in order, and leaves sub-folders out", () => {
    for (const value of [1, 2]) {
      const writer = new EventFileWriter(folder);
      writer.addScalar("a", value);
      writer.close();
    }
    mkdirSync(join(folder, "sub.tfevents"));
    writeFileSync(join(folder, "other.txt"), "x");
    const values = read(folder).flatMap(({ summary }) => summary?.value?.map((v) => v.simpleValue) ?? []);
    expect(values).toEqual([1, 2]);
  });

  it("says where a torn file ends, and names a missing one", () => {
    const writer = new EventFileWriter(folder);
    writer.addScalar("a", 1);
    const whole = statSync(writer.path).size;
    writer.addScalar("a", 2);
    writer.close();
    truncateSync(writer.path, whole + 5);
    const reader = new EventFileReader(writer.path);
    expect([...reader]).toHaveLength(2);
    expect(reader.status).toEqual([{ path: writer.path, events: 2, offset: whole, state: "torn" }]);
    expect(() => new EventFileReader(join(folder, "none"))).toThrow(
      expect.objectContaining({ code: "invalid-file" }),
    );
  });

  it("survives any bytes", () => {
    const writer = new EventFileWriter(folder);
    for (let i = 0; i < 5; i++) writer.addScalar(`tag${i}`, i, i, i);
    writer.close();
    const good = readFileSync(writer.path);
    let seed = 1;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed % below;
    };
    const path = join(folder, "damaged.tfevents");
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(good.subarray(0, 1 + random(good.length)));
      for (let k = random(4); k >= 0; k--) bytes[random(bytes.length)] = random(256);
      writeFileSync(path, bytes);
      const reader = new EventFileReader(path);
      const events = [...reader];
      expect(reader.status[0]!.events).toBe(events.length);
      expect(reader.status[0]!.offset).toBeLessThanOrEqual(bytes.length);
    }
  });

  it("stops with a reason at a record that is framed well and no Event", () => {
    const writer = new EventFileWriter(folder);
    writer.close();
    const good = readFileSync(writer.path);
    const record = createRecordBuffer(64);
    appendRecord(record, Uint8Array.of(0x2a, 100)); // field 5, the summary, claims 100 bytes and has none
    const bad = record.bytes.subarray(0, record.length);
    writeFileSync(join(folder, "z.tfevents"), Buffer.concat([good, bad]));
    const reader = new EventFileReader(join(folder, "z.tfevents"));
    expect([...reader]).toHaveLength(1);
    expect(reader.status).toMatchObject([
      { offset: good.length, state: "corrupt", reason: expect.stringContaining("no Event") },
    ]);
  });
});
