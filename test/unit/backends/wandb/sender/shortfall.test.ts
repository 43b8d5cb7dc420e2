import { expect, test } from "vitest";
import { createShortfall } from "#backends/wandb/sender/shortfall.js";

function start({ isLive = false, isOver = false } = {}) {
  const told: string[] = [];
  const shortfall = createShortfall({ isLive, isOver: () => isOver, warn: (line) => told.push(line) });
  return { shortfall, told };
}

test("what can never be sent keeps no log from having arrived, and a run that is being written is told of it again", () => {
  const { shortfall: synced } = start();
  synced.leaveOut("a file is gone");
  expect(synced.report()).toMatchObject({ problems: [], notes: ["a file is gone"], leftOut: 1 });
  const { shortfall: live } = start({ isLive: true });
  live.leaveOut("a file is gone");
  expect(live.report()).toMatchObject({ problems: ["a file is gone"], leftOut: 0 });
});

test("of lines that are too long the first is told at once, and all are counted at the end", () => {
  const { shortfall, told } = start();
  for (let i = 0; i < 3; i++) shortfall.leaveOutLine("history", `row ${i}`);
  shortfall.leaveOutLine("events", "sample");
  expect(told).toHaveLength(2);
  const { notes, leftOut, rowsLeftOut } = shortfall.report();
  expect([leftOut, rowsLeftOut]).toEqual([4, 3]);
  expect(notes[0]).toMatch(/^history: 3 left out, .*the first: row 0$/);
});

test.each(["problem", "leaveOut"] as const)("a million different ones do not fill the memory: %s", (call) => {
  const { shortfall, told } = start();
  for (let i = 0; i < 1_000_000; i++) shortfall[call](`file ${i}`);
  const { problems, notes, leftOut } = shortfall.report();
  expect(told).toHaveLength(100);
  expect(problems.length + notes.length).toBe(101);
  if (call === "problem") expect(problems.at(-1)).toBe("999900 more");
  else expect(leftOut).toBe(1_000_000);
});

test("a problem that comes again is told once; after the end of a run nothing is", () => {
  const { shortfall, told } = start();
  for (let i = 0; i < 2; i++) shortfall.problem("the disk is full");
  expect([told, shortfall.last()]).toEqual([["the disk is full"], "the disk is full"]);
  const over = start({ isOver: true });
  over.shortfall.problem("the disk is full");
  over.shortfall.note("and more");
  expect([over.told, over.shortfall.report().problems]).toEqual([[], []]);
});
