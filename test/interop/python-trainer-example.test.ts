import { join } from "node:path";
import { expect, test } from "vitest";
import { pythonPath } from "../support/python.js";
import { readScalars } from "../support/run-files.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";

const root = new URL("../..", import.meta.url);
const nodeArgs = ["--import", new URL("node_modules/tsx/dist/loader.mjs", root).href];

test("python-trainer.ts logs what Python prints, and fails when Python does", async () => {
  const cwd = tempDir();
  const env = { PYTHON: await pythonPath() };
  const run = (rate: string) =>
    runScript(new URL("examples/python-trainer.ts", root), { nodeArgs, cwd, env, args: [rate] });

  const trained = await run("0.5");
  expect(trained.code, trained.stderr).toBe(0);
  const folder = join(cwd, "runs", "python-trainer");
  expect([...readScalars(folder, "loss")].map(({ step }) => step)).toEqual(
    Array.from({ length: 60 }, (_, step) => step),
  );
  // y = 3 x - 1
  expect([...readScalars(folder, "slope")].at(-1)!.value).toBeCloseTo(3, 3);
  expect([...readScalars(folder, "offset")].at(-1)!.value).toBeCloseTo(-1, 3);

  const broken = await run("5");
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("the learning rate 5.0 is too high");
  expect([...readScalars(join(cwd, "runs", "python-trainer-1"), "loss")].at(-1)!.value).toBeGreaterThan(1e6);
});
