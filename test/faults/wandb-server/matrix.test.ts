import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { type MatrixCase, matrix } from "./matrix.js";
import { type Place, placeIn, runFolder, runOnline, sendLog, stateOf } from "./online-run.js";

/** How long the end may take when the trouble does not pass. */
const DEADLINE_MS = 2_500;
/** One in three of the cases that do not pass and one in four of the others; all with `TRACELET_TEST_MATRIX=all`. */
const chosen = (): MatrixCase[] => {
  const cases = matrix();
  return process.env["TRACELET_TEST_MATRIX"] === "all" ? cases : cases.filter((_, index) => index % 4 === 1);
};

async function scene(): Promise<{ readonly server: WandbServer; readonly place: Place }> {
  const server = await startWandbServer();
  const dir = mkdtempSync(join(tmpdir(), "tracelet-trouble-"));
  onTestFinished(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  return { server, place: placeIn(dir, server) };
}

/** Passes by itself, however often it happens: the answer is whole in the end. */
const isHarmless = ({ trouble }: MatrixCase): boolean => trouble === "a slow drip";

describe.concurrent("server trouble", () => {
  let undisturbed: NormalisedRun;
  beforeAll(async () => {
    const server = await startWandbServer();
    const dir = mkdtempSync(join(tmpdir(), "tracelet-trouble-"));
    const { result } = await runOnline(placeIn(dir, server));
    expect(result?.report.pending).toBe(0);
    undisturbed = await stateOf(server);
    expect((undisturbed["history"] as unknown[]).length).toBe(10_000);
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each(chosen().map((each) => [each.name, each] as const))("%s", async (_, each) => {
    const { server, place } = await scene();
    server.faults.push(each.fault());
    const passes = each.times !== Number.POSITIVE_INFINITY || isHarmless(each);
    const { ended, result } = await runOnline(place, { deadlineMs: passes ? 20_000 : DEADLINE_MS });
    // The script does not feel it.
    expect([ended.code, ended.signal], ended.stderr).toEqual([0, null]);
    expect(result, ended.stderr).toMatchObject({ waits: 0, drops: {} });
    const { report, finishMs } = result!;
    if (passes) {
      expect(report, ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
      if (!isHarmless(each)) expect(server.faults, "the fault was not met").toEqual([]);
    } else {
      expect(report.pending, ended.stderr).toBeGreaterThan(0);
      expect(report.dropped).toBe(0);
      expect(finishMs).toBeLessThan(DEADLINE_MS + 1_000);
      expect(ended.stderr.match(/tracelet sync /g), ended.stderr).toHaveLength(1);
      expect(report.hint).toBe(`send with: npx tracelet sync ${runFolder(place)}`);
      server.faults.length = 0;
      const { complete, problems } = await sendLog(place);
      expect([complete, problems]).toEqual([true, []]);
    }
    expect(await stateOf(server)).toEqual(undisturbed);
  });
});
