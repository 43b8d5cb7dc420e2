import { describe, expect, it } from "vitest";
import { createSharedMemory, RING_SLOTS } from "#src/channel/layout.js";
import { type FrameSink, RingReader } from "#src/channel/ring-reader.js";
import { RingWriter } from "#src/channel/ring-writer.js";

type Seen =
  | readonly ["scalar", number, number, number, number]
  | readonly ["row", number[], number[], number, number, boolean | undefined]
  | readonly ["message", number[]]
  | readonly ["tooLarge", number];

function pair() {
  const memory = createSharedMemory();
  const seen: Seen[] = [];
  let wakes = 0;
  const sink: FrameSink = {
    scalar: (...frame) => void seen.push(["scalar", ...frame]),
    row: (series, values, count, ...rest) =>
      void seen.push(["row", [...series.subarray(0, count)], [...values.subarray(0, count)], ...rest]),
    message: (bytes) => void seen.push(["message", [...bytes]]),
    tooLarge: (bytes) => void seen.push(["tooLarge", bytes]),
  };
  const reader = new RingReader(memory);
  return {
    memory,
    writer: new RingWriter(
      memory,
      () => {},
      () => {
        wakes++;
      },
    ),
    reader,
    wakes: () => wakes,
    read: (max = RING_SLOTS) => reader.read(sink, max),
    seen,
  };
}

describe("ring", () => {
  it("passes over a message for which there is no memory, and goes on behind it", () => {
    const { memory, writer, read, seen } = pair();
    writer.message([new Uint8Array(2 << 20)]);
    // Its length as a machine without memory would find it: more than can be allocated.
    new Float64Array(memory.ring)[1] = 2 ** 52;
    writer.scalar(1, 2, 3, 4);
    read();
    expect(seen).toEqual([
      ["tooLarge", 2 ** 52],
      ["scalar", 1, 2, 3, 4],
    ]);
    expect(read()).toBe(false);
  });

  it("carries scalars unharmed: NaN, infinities, -0, missing and large steps", () => {
    const { writer, read, seen } = pair();
    const values = [
      0.1,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      Number.MIN_VALUE,
      Number.MAX_VALUE,
    ];
    for (const [i, value] of values.entries())
      writer.scalar(i, value, i === 1 ? Number.NaN : Number.MAX_SAFE_INTEGER - i, 1.25 + i);
    expect(read()).toBe(false);
    expect(seen).toEqual(
      values.map((value, i) => [
        "scalar",
        i,
        value,
        i === 1 ? Number.NaN : Number.MAX_SAFE_INTEGER - i,
        1.25 + i,
      ]),
    );
  });

  it("wakes a reader that sleeps, once, and only one that has nothing to read can sleep", () => {
    const { writer, reader, read, wakes, seen } = pair();
    writer.scalar(1, 2, 3, 4);
    expect(reader.sleep()).toBe(false);
    read();
    expect(wakes()).toBe(0);

    expect(reader.sleep()).toBe(true);
    writer.scalar(1, 2, 3, 4);
    writer.scalar(1, 2, 3, 4);
    expect(wakes()).toBe(1);
    reader.wake();
    read();
    expect(seen).toHaveLength(3);

    // It wakes by itself.
    expect(reader.sleep()).toBe(true);
    reader.wake();
    expect(read()).toBe(false);
    writer.scalar(1, 2, 3, 4);
    expect(wakes()).toBe(1);
    read();

    expect(reader.sleep()).toBe(true);
    writer.message([new Uint8Array(3_000_000)]);
    expect(wakes()).toBe(2);
    reader.wake();
    read();
    expect(seen).toHaveLength(5);
  });

  it("carries rows of odd and even length", () => {
    const { writer, read, seen } = pair();
    writer.row([7, 8, 9], [0.5, -0, Number.NaN], 3, 4, 5, undefined);
    writer.row([1, 2], [10, 20], 2, Number.NaN, 6, true);
    writer.row([3], [30], 1, 7, 8, false);
    read();
    expect(seen).toEqual([
      ["row", [7, 8, 9], [0.5, -0, Number.NaN], 4, 5, undefined],
      ["row", [1, 2], [10, 20], Number.NaN, 6, true],
      ["row", [3], [30], 7, 8, false],
    ]);
  });

  it("carries messages of every length, from several parts, in order with scalars", () => {
    const { writer, read, seen } = pair();
    const expected: Seen[] = [];
    for (let length = 1; length <= 40; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => (length * 7 + i) & 255);
      writer.message([bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)]);
      writer.scalar(length, length, 0, 0);
      expected.push(["message", [...bytes]], ["scalar", length, length, 0, 0]);
    }
    read();
    expect(seen).toEqual(expected);
  });

  it("goes round the ring's end many times with frames of uneven sizes", () => {
    const { writer, read, seen } = pair();
    const big = new Uint8Array(300_001).fill(1);
    let logged = 0;
    for (let round = 0; round < 100; round++) {
      writer.message([big]);
      for (let i = 0; i < 7; i++) writer.scalar(1, logged++, round, 0);
      read();
    }
    const scalars = seen.filter((frame) => frame[0] === "scalar").map((frame) => frame[2]);
    expect(scalars).toEqual(Array.from({ length: logged }, (_, i) => i));
    const messages = seen.filter((frame) => frame[0] === "message");
    expect(messages.length).toBe(100);
    expect(messages.every((frame) => (frame[1] as number[]).length === 300_001)).toBe(true);
    expect(writer.waits).toBe(0);
  });

  it("is read in portions without losing what is left", () => {
    const { writer, read, seen } = pair();
    for (let i = 0; i < 1000; i++) writer.scalar(0, i, 0, 0);
    expect(read(400)).toBe(true);
    expect(seen.length).toBe(100);
    expect(read()).toBe(false);
    expect(seen.length).toBe(1000);
  });
});
