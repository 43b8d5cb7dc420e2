import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { countInOrder } from "../support/run-files.js";
import { fixture, runScript } from "../support/run-script.js";

test("1,000 experiments at once, each with its own file", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-many-"));
  try {
    const ended = await runScript(fixture("many.mjs"), {
      args: [dir, "1000", "20"],
      nodeArgs: ["--expose-gc"],
    });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    const { synced, lost, perExperiment } = JSON.parse(ended.stdout) as {
      synced: number[];
      lost: number;
      perExperiment: number;
    };
    // 20 scalars and the finish event.
    expect(synced).toEqual(new Array(1000).fill(21));
    expect(lost).toBe(0);
    for (let i = 0; i < 1000; i += 37) expect(countInOrder(join(dir, `run-${i}`))).toBe(20);
    expect(perExperiment).toBeLessThanOrEqual(100 * 1024);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
