import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { messageType } from "#backends/wandb/records/messages.js";
import { decodeRecord, encodeRecord, RECORD_TYPES, typeOf } from "#backends/wandb/records/record.js";

// Written from the official packages by descriptors.py.
const official: { messages: { [message: string]: { [field: string]: string } } } = JSON.parse(
  readFileSync(new URL("../fixtures/descriptors.json", import.meta.url), "utf8"),
);

/** `_tracelog_id` -> `tracelogId`, `init__config` -> `initConfig`. */
const camel = (name: string): string =>
  name.replace(/^_/, "").replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Fields of ours have numbers that the official messages are far from. */
const OWN_FIELDS = 5000;

describe("messages of the transaction log", () => {
  const ours: { [name: string]: string } = {
    _RecordInfo: "RecordInfo",
    OutputRawRecord: "OutputRecord",
    Request: "Empty",
    // protobufjs has a map as one field of its own kind.
    DiskEntry: "",
    SlurmEntry: "",
  };
  const names = Object.keys(official.messages).filter((name) => ours[name] !== "");

  it("covers every message of both official releases", () => {
    expect(names.length).toBeGreaterThan(60);
  });

  it.each(names)("%s has the official fields", (name) => {
    const type = messageType(ours[name] ?? name);
    const fields = type.fieldsArray.filter(({ id }) => id < OWN_FIELDS);
    const found = Object.fromEntries(
      fields.map((field) => {
        const kind = field.map ? (field.type === "string" ? "SlurmEntry[]" : "DiskEntry[]") : "";
        return [field.name, kind || `${field.type}${field.repeated ? "[]" : ""}`];
      }),
    );
    const expected = Object.fromEntries(
      Object.entries(official.messages[name]!).map(([field, text]) => {
        const kind = text.replace(/^\d+ /, "");
        const bare = kind.replace("[]", "");
        return [camel(field), ours[bare] ? kind.replace(bare, ours[bare]) : kind];
      }),
    );
    expect(found).toEqual(expected);
    const ids = Object.fromEntries(fields.map((field) => [field.name, field.id]));
    const officialIds = Object.fromEntries(
      Object.entries(official.messages[name]!).map(([field, text]) => [
        camel(field),
        Number.parseInt(text, 10),
      ]),
    );
    expect(ids).toEqual(officialIds);
  });

  it("lists the record types in the order of their numbers", () => {
    expect(RECORD_TYPES[0]).toBe("history");
    expect(RECORD_TYPES.at(-1)).toBe("request");
    expect(RECORD_TYPES).toHaveLength(23);
  });

  it("writes an empty message as tag and length zero", () => {
    // Section 2.3 of the reference: `exit` as 92 01 00.
    expect(Buffer.from(encodeRecord({ num: 4, exit: {} })).toString("hex")).toBe("0804920100");
  });

  it("keeps 64-bit sizes, enums, maps and the type", () => {
    const record = {
      num: 2 ** 40,
      environment: { disk: { "/": { total: 2 ** 45, used: 7 } }, slurm: { JOB: "1" }, cpuCount: 4 },
    };
    expect(decodeRecord(encodeRecord(record))).toEqual(record);
    expect(typeOf(record)).toBe("environment");
    const metric = {
      num: 1,
      metric: { name: "loss", goal: "GOAL_MAXIMIZE" as const, summary: { min: true } },
    };
    expect(decodeRecord(encodeRecord(metric))).toEqual(metric);
    expect(typeOf({ num: 1 })).toBeUndefined();
  });

  it("says what is wrong with bytes that are no record", () => {
    expect(() => decodeRecord(Uint8Array.of(0x12, 0x05, 0x01))).toThrow(/not a W&B record/);
  });
});
