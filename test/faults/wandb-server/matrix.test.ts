import { beforeAll, describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { type MatrixCase, matrix } from "./matrix.js";
import { asSynced, runFolder, runOnline, sendLog, stateOf } from "./online-run.js";
import { scene, undisturbedState } from "./scene.js";

/** How long the end may take when the trouble does not pass. */
const DEADLINE_MS = 2_500;
/** One in four; all with `TRACELET_TEST_MATRIX=all`. */
const chosen = (): MatrixCase[] => {
  const cases = matrix();
  return process.env["TRACELET_TEST_MATRIX"] === "all" ? cases : cases.filter((_, index) => index % 4 === 1);
};

/** An answer that is whole in the end; a question for features that is refused, as by a server without any. */
const isHarmless = ({ trouble, moment }: MatrixCase): boolean =>
  trouble === "a slow drip" || (moment === "features" && /^(4(01|03|04|09|13)|errors)/.test(trouble));

describe.concurrent("server trouble", () => {
  let undisturbed: NormalisedRun;
  beforeAll(async () => {
    undisturbed = await undisturbedState();
    expect((undisturbed["history"] as unknown[]).length).toBe(10_000);
  });

  test.for(chosen().map((each) => [each.name, each] as const))("%s", async ([, each], context) => {
    const { server, place } = await scene(context);
    server.faults.push(each.fault());
    const passes = each.times !== Number.POSITIVE_INFINITY || isHarmless(each);
    // An answer that comes byte by byte takes a second, and longer on a busy machine, where the limit would cut it off.
    const env = each.trouble === "a slow drip" ? { WANDB_HTTP_TIMEOUT: "15" } : {};
    const { ended, result } = await runOnline(place, { deadlineMs: passes ? 20_000 : DEADLINE_MS, env });
    // The script does not feel it.
    expect([ended.code, ended.signal], ended.stderr).toEqual([0, null]);
    expect(result, ended.stderr).toMatchObject({ waits: 0, drops: {} });
    const { report, finishMs } = result!;
    const state = async () => (passes ? await stateOf(server) : asSynced(await stateOf(server)));
    if (passes) {
      expect(report, ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
      if (!isHarmless(each)) expect(server.faults, "the fault was not met").toEqual([]);
    } else {
      expect(report.pending, ended.stderr).toBeGreaterThan(0);
      expect(report.dropped).toBe(0);
      // With the grace that `finish` documents.
      expect(finishMs).toBeLessThan(DEADLINE_MS + 5_000);
      expect(
        ended.said.filter((line) => line.includes("tracelet sync ")),
        ended.stderr,
      ).toHaveLength(1);
      expect(report.hint).toBe(`send with: npx tracelet sync ${runFolder(place)}`);
      server.faults.length = 0;
      const sent = await sendLog(place);
      const last = server.requests
        .slice(-5)
        .map(({ at, operation, path, status }) => ({ at, operation, path, status }));
      expect([sent.complete, sent.problems], JSON.stringify([sent.ended, last])).toEqual([true, []]);
    }
    expect(await state()).toEqual(passes ? undisturbed : asSynced(undisturbed));
  });
});
