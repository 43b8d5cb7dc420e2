import { describe, expect, it } from "vitest";
import type { Branch, Node } from "#backends/wandb/history/row.js";
import { eachLeaf } from "#backends/wandb/history/row.js";
import { HistoryEncoder } from "#backends/wandb/records/history-encoder.js";
import { encodeRecord, type HistoryItem } from "#backends/wandb/records/record.js";
import { Frames } from "#backends/wandb/transaction-log/frames.js";
import { encodeJson } from "#backends/wandb/values/json.js";

/** protobufjs is the oracle. */
function oracle(num: number, row: Branch, step: number | undefined): Uint8Array {
  const item: HistoryItem[] = [];
  eachLeaf(row, (path, leaf) => item.push({ nestedKey: [...path], valueJson: encodeJson(leaf) }));
  return encodeRecord({
    num,
    history: { item, ...(step === undefined ? {} : { step: step === 0 ? {} : { num: step } }) },
  });
}

function same(rows: readonly [number, Branch, number | undefined][], fileOffset = 7): void {
  const ours = new Frames(fileOffset, 64);
  const expected = new Frames(fileOffset, 64);
  const encoder = new HistoryEncoder();
  for (const [num, row, step] of rows) {
    encoder.encode(ours, num, row, step);
    expected.append(oracle(num, row, step));
  }
  expect(
    Buffer.from(ours.bytes.subarray(0, ours.length)).equals(expected.bytes.subarray(0, expected.length)),
  ).toBe(true);
  expect(ours.records).toBe(rows.length);
}

const row = (entries: [string, Node][]): Branch => new Map(entries);

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("HistoryEncoder", () => {
  it("encodes the row of the reference's test vector", () => {
    const frames = new Frames(58);
    new HistoryEncoder().encode(
      frames,
      2,
      row([
        ["loss", 0.5],
        ["_step", 0],
      ]),
      0,
    );
    expect(Buffer.from(frames.bytes.subarray(0, frames.length)).toString("hex")).toBe(
      "061773fc2100010802121d0a0c0a046c6f7373820103302e350a0b0a055f73746570820101301200".replace(
        // The vector names its items by `key` (0a); this client, as the official one, by `nested_key` (12).
        /^061773fc(.*)0a046c6f7373(.*)0a055f73746570(.*)$/,
        (_, a: string, b: string, c: string) => `${checksum(frames)}${a}12046c6f7373${b}12055f73746570${c}`,
      ),
    );
  });

  it("agrees with protobufjs on empty rows, long keys, long values, nesting and any step", () => {
    const long = "é".repeat(40_000);
    same([
      [1, row([]), 0],
      [2, row([["k".repeat(300), 1]]), 1],
      [
        3,
        row([
          ["text", long],
          ["x", 2],
        ]),
        127,
      ],
      [4, row([["", row([["", row([["a.b", null]])]])]]), 128],
      [
        5,
        row([
          ["list", [1, [Number.NaN, "x"], { a: true }]],
          ["big", 2n ** 63n],
        ]),
        2 ** 31,
      ],
      [
        6,
        row([
          ["s", "a".repeat(42)],
          ["t", "é".repeat(42)],
          ["u", "é".repeat(63)],
          ["v", "a".repeat(127)],
        ]),
        2 ** 53 - 1,
      ],
      [2 ** 40, row([["x", -0]]), undefined],
    ]);
  });

  it("agrees with protobufjs on 3000 random rows at random places of a block", () => {
    const next = random(7);
    const rows: [number, Branch, number | undefined][] = [];
    for (let i = 0; i < 3000; i++) {
      const branch: Branch = new Map();
      const count = Math.floor(next() * 12);
      for (let k = 0; k < count; k++) {
        const pick = next();
        const value: Node =
          pick < 0.3
            ? next() * 10 ** Math.floor(next() * 40 - 20)
            : pick < 0.6
              ? Math.floor(next() * 2 ** 53)
              : pick < 0.8
                ? Math.round(next() * 1e13) / 1e6
                : "s".repeat(Math.floor(next() * 200));
        if (next() < 0.2) branch.set(`group${k}`, new Map([["inner", value]]));
        else branch.set(`metric/${k}`, value);
      }
      rows.push([i + 1, branch, i]);
    }
    same(rows, Math.floor(next() * 40_000));
  });
});

const checksum = (frames: Frames): string => Buffer.from(frames.bytes.subarray(0, 4)).toString("hex");
