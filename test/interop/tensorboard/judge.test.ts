import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Tensor } from "#src/events/tensor.js";
import { CASES } from "./cases.js";
import { damageRounds } from "./damages.js";
import { EXCEPTIONS } from "./exceptions.js";
import { differences } from "./json.js";
import {
  compareCase,
  type Folders,
  type Observations,
  observe,
  pythonArrays,
  writeWithPython,
} from "./observe.js";
import { decodeValue } from "./values.js";

// The judge is judged: it must find torch equal to itself, and find every damage.

const root = mkdtempSync(join(tmpdir(), "tracelet-judge-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folders = (side: string): Folders => ({ root: join(root, side), inputs: join(root, "inputs") });
describe("the numbers of both languages", () => {
  const descriptions = [
    { $rand: [3, 5], seed: 1, low: -2, high: 3 },
    { $rand: [100], seed: 4294967295, dtype: "float64" },
    { $rand: [50], seed: 7, low: -100, high: 100, dtype: "int8" },
    { $rand: [50], seed: 8, low: -100, high: 100, dtype: "int64" },
    { $rand: [2, 2], seed: 9, high: 2, dtype: "bool" },
    { $normal: [64], seed: 10, mean: 0.1, std: 3 },
    { $arange: [2, 3], start: -1, step: 0.1 },
    {
      $array: [
        ["NaN", "Infinity"],
        ["-0", 1.1],
      ],
    },
    { $array: 5, dtype: "uint8" },
    { $arange: [0, 2], dtype: "int16" },
  ];

  test("are equal bit for bit", async () => {
    const ours = descriptions.map((description) => {
      const { shape, data } = decodeValue(description, "") as Tensor;
      return { shape, hex: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex") };
    });
    const theirs = await pythonArrays(descriptions);
    expect(ours).toEqual(theirs.map(({ shape, hex }) => ({ shape, hex })));
  });
});

test("cases claim exceptions that exist, and every exception is claimed", () => {
  const claimed = new Set(CASES.flatMap((each) => each.exceptions ?? []));
  const claimable = EXCEPTIONS.filter((each) => each.named).map((each) => each.id);
  expect([...claimed].sort()).toEqual(claimable.sort());
});

describe("torch", () => {
  let first: Observations;
  let second: Observations;
  beforeAll(async () => {
    await writeWithPython("torch", CASES, folders("first"));
    await writeWithPython("torch", CASES, folders("second"));
    first = await observe(CASES, folders("first"));
    second = await observe(CASES, folders("second"));
  });

  test.each(CASES.map((each) => [each.name, each] as const))("equals itself in %s", (_, each) => {
    expect(compareCase(each, first, second)).toEqual({});
  });
  test("equals itself in what belongs to no case", () => {
    expect(differences(first.server, second.server)).toEqual([]);
  });

  test("is told from every damaged copy, at every level that can show it", async () => {
    const missed: string[] = [];
    for (const [index, round] of damageRounds().entries()) {
      const side = folders(`damaged-${index}`);
      const copies = round.map(({ copy }) => copy);
      await writeWithPython("torch", copies, side);
      const found = await observe(copies, side);
      for (const { what, copy, levels } of round) {
        const noticed = Object.keys(compareCase(copy, first, found));
        missed.push(
          ...levels.filter((level) => !noticed.includes(level)).map((level) => `${what}: ${level}`),
        );
      }
    }
    expect(missed).toEqual([]);
  });
});
