import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPatience } from "#backends/wandb/server/patience.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("gives up after two minutes without an answer, counted from the beginning of the first request", () => {
  const changes: boolean[] = [];
  const { signal, observe } = createPatience({ onChange: (isAway) => changes.push(isAway) });
  vi.advanceTimersByTime(3_600_000);
  expect(signal.aborted).toBe(false);
  observe(0, 30_000);
  vi.advanceTimersByTime(60_000);
  observe(503, 10);
  expect(changes).toEqual([true]);
  vi.advanceTimersByTime(29_000);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1_500);
  expect((signal.reason as Error).message).toBe("the server gave no answer for 120 s");
});

test("any answer of the server itself is one, also a refusal", () => {
  const changes: boolean[] = [];
  const { signal, observe } = createPatience({ limitMs: 1_000, onChange: (isAway) => changes.push(isAway) });
  for (const status of [200, 404, 429]) {
    observe(0, 0);
    vi.advanceTimersByTime(900);
    observe(status, 5);
    vi.advanceTimersByTime(2_000);
  }
  expect(signal.aborted).toBe(false);
  expect(changes).toEqual([true, false, true, false, true, false]);
});

test("stopped, it waits for nothing", () => {
  const { signal, observe, stop } = createPatience({ limitMs: 1_000 });
  observe(0, 0);
  stop();
  vi.advanceTimersByTime(2_000);
  expect(signal.aborted).toBe(false);
});
