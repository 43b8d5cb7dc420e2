import { expect, test } from "vitest";
import { createRateLimit } from "#backends/wandb/sender/rate-limit.js";

const headers = (remaining: number, reset: number) => ({
  "ratelimit-remaining": String(remaining),
  "ratelimit-reset": String(reset),
});

test("without headers nothing waits", () => {
  const limit = createRateLimit();
  for (let now = 0; now < 1000; now++) {
    expect(limit.take(now)).toBe(0);
    limit.observe({}, now);
  }
});

// Reference 3.5: after 5 requests, what remains is spread over the window; 10 may go at once.
test("what remains is spread over the time until the reset", () => {
  const limit = createRateLimit();
  // Each request costs 2 of the quota.
  for (let request = 0; request <= 5; request++) limit.observe(headers(110 - 2 * request, 60), 0);
  // 100 remain for 60 s: 50 requests, 0.8333 in a second.
  const waits = Array.from({ length: 12 }, () => limit.take(0));
  expect(waits.slice(0, 10)).toEqual(Array(10).fill(0));
  expect(waits[10]).toBeCloseTo(1200, 3);
  expect(waits[11]).toBeCloseTo(2400, 3);
});

test("never slower than one request in 10 s", () => {
  const limit = createRateLimit();
  for (let request = 0; request <= 5; request++) limit.observe(headers(5 - request, 3600), 0);
  for (let request = 0; request < 10; request++) limit.take(0);
  expect(limit.take(0)).toBeCloseTo(10_000, 3);
});

test("a new window and a reset within a second change nothing", () => {
  const limit = createRateLimit();
  for (let request = 0; request <= 5; request++) limit.observe(headers(110 - request, 1), 0);
  for (let request = 0; request < 30; request++) expect(limit.take(request)).toBe(0);
});
