import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readScalars } from "../support/run-files.js";
import { tempDir } from "../support/temp-dir.js";

const root = new URL("../..", import.meta.url).pathname;

it("examples/parallel-search.ts writes one run from five processes", () => {
  const dir = tempDir();
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TRACELET|WANDB)_/.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/tsx/dist/cli.mjs"), join(root, "examples/parallel-search.ts")],
    { cwd: dir, encoding: "utf8", env },
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toContain("best learning rate: 0.3, logged to");
  const [run, ...others] = readdirSync(join(dir, "runs"));
  expect(others).toEqual([]);
  const folder = join(dir, "runs", run!);
  expect(readdirSync(folder).filter((name) => name.includes("tfevents"))).toHaveLength(5);
  // The first error is that of y = 0, the mean of (3x - 1)^2.
  const xs = Array.from({ length: 50 }, (_, i) => i / 25 - 1);
  const first = xs.reduce((sum, x) => sum + (3 * x - 1) ** 2, 0) / xs.length;
  for (const rate of [0.01, 0.03, 0.1, 0.3]) {
    const losses = [...readScalars(folder, `rate-${rate}/loss`)];
    expect(losses.map(({ step }) => step)).toEqual(Array.from({ length: 200 }, (_, step) => step));
    expect(losses[0]!.value).toBeCloseTo(first, 5);
    expect(losses.at(-1)!.value).toBeLessThan(losses[0]!.value);
  }
  expect(JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"))).toMatchObject({ bestRate: 0.3 });
});
