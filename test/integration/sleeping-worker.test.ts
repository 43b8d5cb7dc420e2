import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createExperiment } from "#src/index.js";

const nap = new Int32Array(new SharedArrayBuffer(4));
/** Blocks this thread: the worker gets no help from its event loop. */
const block = (ms: number) => void Atomics.wait(nap, 0, 0, ms);

// A worker that has found nothing for 100 ms looks once a second, so that what is logged 400 ms later would wait for
// another 600 ms if it did not wake the worker. Of some tries one at least is on a machine that is not busy.
test("what is logged after a pause wakes the worker, while the script computes", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-sleep-"));
  const experiment = createExperiment("jsonl", { dir, system: false, git: false, environment: false });
  experiment.log({ first: 1 }, { step: 0 });
  await experiment.flush();
  const entry = readdirSync(dir, { recursive: true, encoding: "utf8" }).find((name) =>
    name.endsWith(".jsonl"),
  );
  const text = () => readFileSync(join(dir, entry!), "utf8");
  const waitsMs: number[] = [];
  for (let step = 1; step <= 8; step++) {
    block(400);
    const logged = performance.now();
    experiment.log({ [`after-${step}`]: step }, { step });
    while (!text().includes(`after-${step}`)) block(1);
    waitsMs.push(performance.now() - logged);
  }
  expect(Math.min(...waitsMs)).toBeLessThan(300);
  await experiment.finish();
  rmSync(dir, { recursive: true, force: true });
});
