import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const root = new URL("../..", import.meta.url).pathname;
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** What `npm run quickstart` runs after the build, in a folder of its own. */
function quickstart(...options: string[]) {
  const dir = mkdtempSync(join(tmpdir(), "q-"));
  folders.push(dir);
  const { TRACELET_BACKEND: _backend, TRACELET_DIR: _dir, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "node_modules/tsx/dist/cli.mjs"), join(root, "examples/digits.ts"), ...options],
    { cwd: dir, encoding: "utf8", env },
  );
  return { dir, status, stdout, stderr };
}

const filesIn = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).toSorted();
const accuracyIn = (stdout: string) => Number(/^test accuracy +\S+ +(\S+)/m.exec(stdout)?.[1]);

describe("npm run quickstart", () => {
  it("trains to at least 95 %, and leaves a run that its report names", () => {
    const { dir, status, stdout, stderr } = quickstart();
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(accuracyIn(stdout)).toBeGreaterThanOrEqual(0.95);
    expect(stdout).toContain(" 0 pending, 0 dropped\n  runs/digits\n");
    expect(stdout).toContain("tensorboard --logdir runs\n");
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);

    const files = filesIn(join(dir, "runs/digits"));
    expect(files.filter((name) => name.includes("tfevents"))).toHaveLength(2); // the run and its hparams
    expect(files).toContain("projector_config.pbtxt");
    const model = readFileSync(join(dir, "runs/digits/artifacts/models/digits.safetensors"));
    const header = JSON.parse(model.toString("utf8", 8, 8 + Number(model.readBigUInt64LE(0))));
    expect(header["hidden.weight"]).toEqual({ dtype: "F32", shape: [64, 64], data_offsets: [0, 16_384] });
    expect(readdirSync(dir)).toEqual(["runs"]);
  });

  it("logs elsewhere by name only, the same for the same seed", () => {
    const series = (...options: string[]) => {
      const { dir, status, stdout } = quickstart("--backend", "jsonl,console", "--epochs", "2", ...options);
      expect(status).toBe(0);
      expect(stdout).toContain("jsonl: ");
      const lines = readFileSync(join(dir, "digits.jsonl"), "utf8").trimEnd().split("\n");
      return lines
        .map((line) => JSON.parse(line) as { kind?: string; tag?: string; value?: number; step?: number })
        .filter(({ kind }) => kind === "scalar")
        .map(({ tag, value, step }) => [tag, value, step]);
    };
    const first = series("--seed", "5");
    expect(first.filter(([tag]) => tag === "train/batch_loss")).toHaveLength(92); // 2 x ceil(1442 / 32)
    expect(series("--seed", "5")).toEqual(first);
    expect(series("--seed", "6")).not.toEqual(first);
  });

  it("says what is wrong with its options", () => {
    const { status, stdout, stderr } = quickstart("--epochs", "many");
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain('--epochs must be an integer of at least 1, not "many"');
  });
});
