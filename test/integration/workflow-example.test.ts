import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { historyValues, readLog, runFolders } from "../support/wandb-log.js";

const root = new URL("../..", import.meta.url).pathname;

it("examples/workflow.ts writes one run from three processes, and one of its own", () => {
  const dir = mkdtempSync(join(tmpdir(), "workflow-"));
  try {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(TRACELET|WANDB)_/.test(name)),
    );
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(root, "node_modules/tsx/dist/cli.mjs"), join(root, "examples/workflow.ts")],
      { cwd: dir, encoding: "utf8", env: { ...env, RUN_NAME: "w1" } },
    );
    expect(status).toBe(0);
    expect(stdout).toContain("run: 'w1-main'");
    expect(stdout).toContain("evaluation: 'w1-evaluate'");
    const logs = runFolders(dir).map((folder) => {
      const id = /w1-(main|evaluate)/.exec(basename(folder))![0];
      return { id, records: readLog(join(folder, `run-${id}.wandb`)).records };
    });
    expect(logs.map(({ id }) => id).toSorted()).toEqual(["w1-evaluate", "w1-main", "w1-main", "w1-main"]);
    const valuesOf = (id: string, key: string) =>
      logs.filter((log) => log.id === id).flatMap(({ records }) => historyValues(records, key));
    for (const rate of [0.1, 0.5]) {
      const losses = valuesOf("w1-main", `lr-${rate}/loss`);
      expect(losses).toHaveLength(20);
      expect(losses.at(-1)).toBeLessThan(losses[0]!);
    }
    expect([valuesOf("w1-main", "data/rows"), valuesOf("w1-evaluate", "test/rows")]).toEqual([[64], [64]]);
    const exits = logs.flatMap(({ records }) => records.flatMap(({ exit }) => exit ?? []));
    expect([exits.length, exits.filter(({ notComplete }) => notComplete).length]).toEqual([4, 2]);
    expect(exits.filter(({ exitCode }) => exitCode)).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
