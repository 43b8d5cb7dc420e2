import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type WriterClass, writeWithOurs } from "./apply-calls.js";
import type { Case } from "./cases/case.js";
import { CASES, CASES_BY_METHOD } from "./cases.js";
import { differences } from "./json.js";
import {
  caseFolder,
  compareCase,
  type Folders,
  type Observations,
  observe,
  writeWithPython,
} from "./observe.js";

// The same calls on torch's SummaryWriter and on ours must leave the same traces in every official reader. What may
// differ is listed in exceptions.ts and, for single cases, in the cases themselves, each with its reason.

const root = mkdtempSync(join(tmpdir(), "tracelet-interop-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folders = (side: string): Folders => ({ root: join(root, side), inputs: join(root, "inputs") });

let torch: Observations;
let ours: Observations;
const trouble = new Map<string, unknown>();
let written: readonly Case[] = [];

beforeAll(async () => {
  const name: string = "tracelet"; // resolved when the test runs: it is the built package that is judged
  const { SummaryWriter } = (await import(name)) as { SummaryWriter: WriterClass };
  await writeWithPython("torch", CASES, folders("torch"));
  for (const each of CASES) {
    await writeWithOurs(SummaryWriter, each, folders("ours")).catch((error) => {
      trouble.set(each.name, error);
      rmSync(caseFolder(each, folders("ours")), { recursive: true, force: true }); // the servers show whole cases only
    });
  }
  written = CASES.filter((each) => !trouble.has(each.name));
  torch = await observe(CASES, folders("torch"));
  ours = await observe(written, folders("ours"));
});

describe.each(Object.entries(CASES_BY_METHOD))("%s", (_method, cases) => {
  test.each(cases.map((each) => [each.name, each] as const))("%s", (name, each) => {
    if (trouble.has(name)) throw trouble.get(name);
    expect(compareCase(each, torch, ours)).toEqual({});
  });
});

test("what the server shows of no case in particular", () => {
  expect(differences(torch.server, ours.server)).toEqual([]);
});

// torch's own frames last no time at all (exception gif-timing), so ours are held to what was asked for
test("frames of a video last 1/fps", () => {
  const legacy = JSON.stringify(ours.cases["video-speeds"]?.legacy);
  const durations = [...legacy.matchAll(/"(at-\d+)":.*?"durations":(\[.*?\])/g)].map(([, tag, ms]) => [
    tag,
    ms,
  ]);
  expect(durations.filter(([, ms]) => ms !== undefined)).toEqual([
    ["at-1", "[1000,1000,1000]"],
    ["at-10", "[100,100,100]"],
    ["at-25", "[40,40,40]"],
  ]);
});
