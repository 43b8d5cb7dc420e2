import { expect, test } from "vitest";
import { killBurst, killMany } from "../support/sigkill.js";

// SIGKILL leaves no time for anything. `npm run soak` kills ten times as often.

test("while the script's thread computes: everything older than 10 ms is there, 20 times out of 20", async ({
  skip,
}) => {
  const { counted, starved } = await killMany(20);
  for (const killed of counted) {
    expect(killed.oldestMissingMs, JSON.stringify(killed)).toBeLessThanOrEqual(10);
    expect(killed.inEventFile).toBeLessThanOrEqual(killed.logged + 1);
  }
  if (counted.length < 20) skip(`at ${starved} kills the machine was too busy to let the threads run`);
});

test("in the middle of a burst: the files read up to their last whole record, a beginning in order", async () => {
  const kills = [];
  for (const afterMs of [20, 60, 100, 140]) kills.push(await killBurst(afterMs));
  // Reading them has checked them; here only that there was something to read.
  for (const file of ["inEventFile", "inJsonl"] as const) {
    expect(kills.reduce((sum, killed) => sum + killed[file], 0)).toBeGreaterThan(0);
  }
});
