import { describe, expect, test } from "vitest";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { runFolder, runOnline, sendLog, stateOf } from "./online-run.js";
import { scene, undisturbedState } from "./scene.js";

// A proxy in front of the server takes requests of 64 KiB and answers 413 to larger ones.

const LIMIT = 64 << 10;

function limit({ faults }: WandbServer): void {
  faults.push({
    match: { host: "api", where: ({ body }) => Buffer.byteLength(JSON.stringify(body ?? "")) > LIMIT },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status: 413 },
  });
}

const rowsOf = (state: object) => (state as { history: { [key: string]: unknown }[] }).history;

describe.concurrent("a server that takes small requests only", () => {
  test("gets everything in small requests", async (context) => {
    const { server, place } = await scene(context);
    limit(server);
    const { ended, result } = await runOnline(place);
    expect(result, ended.stderr).toMatchObject({ waits: 0, drops: {}, report: { pending: 0, dropped: 0 } });
    expect(server.requests.some(({ status }) => status === 413)).toBe(true);
    expect(await stateOf(server)).toEqual(await undisturbedState());
  });

  test("gets all rows but the one that is too large; a sync brings it when it is taken", async (context) => {
    const { server, place } = await scene(context);
    limit(server);
    const large = { env: { LONG_TEXT: String(3 * LIMIT) } };
    const { ended, result } = await runOnline(place, { rows: 1_000, ...large });
    expect([ended.code, result?.drops], ended.stderr).toEqual([0, {}]);
    const { report } = result!;
    expect(report).toMatchObject({ pending: 1, dropped: 0 });
    expect(report.hint).toBe(`send with: npx tracelet sync ${runFolder(place)}`);
    expect(
      ended.said.filter((line) => /history: the server refused one of.*\(413\)/.test(line)),
    ).toHaveLength(1);
    const whole = await undisturbedState({ rows: 1_000, ...large });
    const at = rowsOf(whole).findIndex(({ text }) => text !== undefined);
    const rows = rowsOf(await stateOf(server));
    const { text: _, ...small } = rowsOf(whole)[at]!;
    expect(rows).toEqual(rowsOf(whole).with(at, small));

    const again = await sendLog(place);
    // The row, and the summary with its text.
    expect(again).toMatchObject({ complete: true, leftOut: 2 });
    expect(again.warnings.join()).toContain("history: 1 left out");
    expect(rowsOf(await stateOf(server))).toEqual(rows);

    server.faults.length = 0;
    expect(await sendLog(place)).toMatchObject({ complete: true, problems: [] });
    const state = await stateOf(server);
    expect(rowsOf(state)).toEqual(rowsOf(whole));
    expect([state["holes"], state["console"]]).toEqual([0, whole["console"]]);
  });
});
