import { beforeAll, describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { runOnline, sendLog, stateOf } from "./online-run.js";
import { scene, undisturbedState } from "./scene.js";

// SIGKILL of the script at a random moment, then of what sends its log, too; then the log is sent to its end.

const KILLS = 6;

let undisturbed: NormalisedRun;
beforeAll(async () => {
  undisturbed = await undisturbedState();
});

const rowsOf = (state: NormalisedRun) => state["history"] as readonly unknown[];

describe.concurrent("a killed run is whole at the server after a sync", () => {
  test.for(Array.from({ length: KILLS }, (_, i) => i))("kill %i", async (number, context) => {
    const { server, place } = await scene(context);
    const afterMs = Math.random() * 300;
    const { ended, result } = await runOnline(place, {
      onMoment(moment, pid) {
        if (moment === (number % 2 === 0 ? "begun" : "half"))
          setTimeout(() => process.kill(pid, "SIGKILL"), afterMs);
      },
    });
    // One that was faster than the kill counts all the same.
    if (result === undefined) expect(ended.signal).toBe("SIGKILL");
    if (number % 3 !== 0)
      await sendLog(place, {}, (pid) => {
        setTimeout(
          () => {
            try {
              process.kill(pid, "SIGKILL");
            } catch {
              // It was faster.
            }
          },
          150 + Math.random() * 300,
        );
      });
    const { complete, problems, rows } = await sendLog(place);
    expect([complete, problems], `killed after ${afterMs} ms`).toEqual([true, []]);

    const state = await stateOf(server);
    expect(rowsOf(state)).toEqual(rowsOf(undisturbed).slice(0, rows));
    expect(state["holes"]).toBe(0);
    expect(state["console"]).toEqual(
      (undisturbed["console"] as unknown[]).slice(0, (state["console"] as unknown[]).length),
    );
    if (ended.signal === "SIGKILL") expect([state["state"], state["exitCode"]]).toEqual(["failed", 1]);
    expect((state["alerts"] as unknown[]).length).toBeLessThan(2);

    expect((await sendLog(place)).complete).toBe(true);
    expect(await stateOf(server)).toEqual(state);
  });
});
