import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readScalars } from "../support/run-files.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";

const root = new URL("../..", import.meta.url);
const nodeArgs = ["--import", new URL("node_modules/tsx/dist/loader.mjs", root).href];

async function runExample(name: string): Promise<{ stdout: string; runs: string }> {
  const cwd = tempDir();
  const ended = await runScript(new URL(`examples/${name}`, root), { nodeArgs, cwd });
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.said).toEqual([]);
  return { stdout: ended.stdout, runs: join(cwd, "runs") };
}

const summaryOf = (run: string) => JSON.parse(readFileSync(join(run, "summary.json"), "utf8")) as object;

test("llm-evaluation.ts: a run for each model, with all questions and what came of them", async () => {
  const { stdout, runs } = await runExample("llm-evaluation.ts");
  expect(stdout).toContain("'talks-much'");
  // One adds where it should multiply, in every second question. The other has no answer for 6 and 7, two numbers of six.
  for (const [name, share] of [
    ["adds-only", 1 / 2],
    ["talks-much", 4 / 6],
  ] as const) {
    const run = join(runs, `evaluation-${name}`);
    expect(summaryOf(run)).toMatchObject({ accuracy: share });
    const accuracy = [...readScalars(run, "accuracy")];
    expect(accuracy.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, step) => step));
    expect(accuracy.at(-1)!.value).toBeCloseTo(share, 6);
    const [table] = readdirSync(join(run, "tables"));
    const lines = readFileSync(join(run, "tables", table!), "utf8")
      .trim()
      .split("\n");
    expect(lines).toHaveLength(25);
  }
});

test("reinforcement-learning.ts: the way along the cliff is the shortest", async () => {
  const { stdout, runs } = await runExample("reinforcement-learning.ts");
  expect(stdout).toContain("13 moves, reward -13");
  const run = join(runs, "cliff");
  expect(summaryOf(run)).toMatchObject({ reward: -13, moves: 13 });
  const rewards = [...readScalars(run, "episode/reward")].map(({ value }) => value);
  expect(rewards).toHaveLength(500);
  expect(Math.max(...rewards)).toBe(-13);
});
