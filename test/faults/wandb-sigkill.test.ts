import { expect, test } from "vitest";
import { killComputing, killManyOf } from "../support/sigkill.js";
import { countRows } from "../support/wandb-log.js";

// SIGKILL leaves no time for anything. `npm run soak -- wandbKills` kills ten times as often.

test("a W&B run holds every row older than 10 ms, 20 times out of 20", async ({ skip }) => {
  const { counted, starved } = await killManyOf(20, (afterMs) =>
    killComputing("wandb", afterMs, (dir) => [countRows(dir)]),
  );
  for (const killed of counted) {
    expect(killed.oldestMissingMs, JSON.stringify(killed)).toBeLessThanOrEqual(10);
    expect(killed.found[0]).toBeLessThanOrEqual(killed.logged + 1);
  }
  if (counted.length < 20) skip(`at ${starved} kills the machine was too busy to let the threads run`);
});
