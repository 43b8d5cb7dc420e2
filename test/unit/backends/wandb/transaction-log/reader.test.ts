import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { typeOf } from "#backends/wandb/records/record.js";
import { FILE_HEADER } from "#backends/wandb/transaction-log/format.js";
import { Frames } from "#backends/wandb/transaction-log/frames.js";
import {
  type LogEnd,
  type LoggedRecord,
  readTransactionLog,
} from "#backends/wandb/transaction-log/reader.js";

// An official run of wandb 0.31.0; values.py made it.
const file = new URL("../fixtures/values.wandb", import.meta.url);
const official = readFileSync(file);

function readAll(source: string | Uint8Array, from?: number): { records: LoggedRecord[]; end: LogEnd } {
  const records: LoggedRecord[] = [];
  const reader = readTransactionLog(source, from);
  for (;;) {
    const next = reader.next();
    if (next.done) return { records, end: next.value };
    records.push(next.value);
  }
}

/** A log of records that span blocks: 60 records of 1 to 70 000 bytes. */
function longLog(): Uint8Array {
  const frames = new Frames(FILE_HEADER.length);
  for (let i = 0; i < 60; i++) {
    const size = [5, 300, 32_700, 70_000][i % 4]!;
    const title = "t".repeat(size);
    frames.append(recordOf(title));
  }
  return Buffer.concat([FILE_HEADER, frames.bytes.subarray(0, frames.length)]);
}
/** Record { num: 1, uuid: title }: tag 19, length-delimited. */
function recordOf(title: string): Uint8Array {
  const length = title.length;
  return Buffer.concat([
    Uint8Array.of(8, 1, 0x9a, 1, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14),
    Buffer.from(title),
  ]);
}

describe("readTransactionLog", () => {
  it("reads an official log from a path and from bytes", () => {
    for (const source of [fileURLToPath(file), official]) {
      const { records, end } = readAll(source);
      expect(records.map(({ record }) => typeOf(record))).toEqual(
        "header run environment environment files telemetry summary summary history summary summary history telemetry summary exit".split(
          " ",
        ),
      );
      expect(records.map(({ record }) => record.num)).toEqual(records.map((_, i) => i + 1));
      expect(end).toEqual({ reason: "end", offset: official.length });
    }
  });

  it("starts at the offset of a record, and ends at it when there is nothing more", () => {
    const { records } = readAll(official);
    expect(readAll(official, records[8]!.offset).records).toEqual(records.slice(8));
    expect(readAll(official, official.length)).toEqual({
      records: [],
      end: { reason: "end", offset: official.length },
    });
  });

  it("reads an official log cut at every byte up to the last whole record", () => {
    const { records } = readAll(official);
    for (let cut = 0; cut < official.length; cut++) {
      const found = readAll(official.subarray(0, cut));
      const whole = records.filter(({ end }) => end <= cut);
      expect(found.records.map(({ end }) => end)).toEqual(whole.map(({ end }) => end));
      const at = whole.at(-1)?.end ?? (cut < 7 ? 0 : 7);
      expect(found.end).toEqual({ reason: cut === at && cut >= 7 ? "end" : "torn", offset: at });
    }
  });

  it("reads a log of many blocks cut anywhere", () => {
    const log = longLog();
    const { records, end } = readAll(log);
    expect(records).toHaveLength(60);
    expect(end.reason).toBe("end");
    for (let cut = 7; cut < log.length; cut += 1709) {
      const found = readAll(log.subarray(0, cut));
      expect(found.records).toHaveLength(records.filter((record) => record.end <= cut).length);
      expect(["end", "torn"]).toContain(found.end.reason);
    }
  });

  it("takes zero bytes at the end for a crash of the machine", () => {
    for (const count of [1, 6, 7, 8, 5000, 40_000]) {
      const found = readAll(Buffer.concat([official, new Uint8Array(count)]));
      expect(found.records).toHaveLength(15);
      expect(found.end).toEqual({ reason: "torn", offset: official.length });
    }
  });

  it("stops at a flipped bit, with everything before it", () => {
    const { records } = readAll(official);
    for (let at = 0; at < official.length; at++) {
      const damaged = Buffer.from(official);
      damaged[at]! ^= 1 << (at % 8);
      const found = readAll(damaged);
      const whole = records.filter(({ end }) => end <= at);
      expect(found.records.map(({ end }) => end)).toEqual(whole.map(({ end }) => end));
      expect(found.end.reason).not.toBe("end");
      expect(found.end.offset).toBe(whole.at(-1)?.end ?? (at < 7 ? 0 : 7));
    }
  });

  it("says what is wrong", () => {
    expect(readAll(Buffer.from("not a log at all")).end).toMatchObject({ reason: "corrupt", offset: 0 });
    const frames = new Frames(7);
    frames.append(Uint8Array.of(0x12, 0x7f));
    const bad = Buffer.concat([FILE_HEADER, frames.bytes.subarray(0, frames.length)]);
    expect(readAll(bad).end).toEqual({
      reason: "corrupt",
      offset: 7,
      problem: "a record cannot be decoded at byte 7",
    });
  });

  it("ends on any bytes", () => {
    let state = 1;
    for (let round = 0; round < 300; round++) {
      const noise = new Uint8Array(7 + ((round * 331) % 70_000));
      for (let i = 0; i < noise.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        noise[i] = state >>> 24;
      }
      noise.set(FILE_HEADER);
      expect(readAll(noise).records).toEqual([]);
    }
  });
});
