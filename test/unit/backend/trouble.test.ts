import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTroubleFilter } from "#src/backend/trouble.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a message that differs only in its numbers is told once in 30 s", () => {
  const untold = createTroubleFilter();
  expect(untold("3 events dropped")).toBe(true);
  expect(untold("5 events dropped")).toBe(false);
  expect(untold("something else")).toBe(true);
  vi.advanceTimersByTime(29_000);
  expect(untold("7 events dropped")).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(untold("9 events dropped")).toBe(true);
});

test("20 different ones, then those that are old make room", () => {
  const untold = createTroubleFilter();
  const texts = Array.from({ length: 30 }, (_, i) => `trouble ${String.fromCharCode(65 + i)}`);
  expect(texts.map(untold).filter(Boolean)).toHaveLength(20);
  vi.advanceTimersByTime(30_000);
  expect(untold("one more")).toBe(true);
});

test("a clock that is set back silences nothing", () => {
  const untold = createTroubleFilter();
  expect(untold("disk full")).toBe(true);
  vi.setSystemTime(Date.now() - 86_400_000);
  vi.advanceTimersByTime(30_000);
  expect(untold("disk full")).toBe(true);
});
