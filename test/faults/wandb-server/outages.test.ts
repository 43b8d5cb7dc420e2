import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, type TestContext, test } from "vitest";
import { type Front, startFront } from "../../support/front.js";
import { fixture } from "../../support/run-script.js";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import {
  asSynced,
  type OnlineEnd,
  type Place,
  placeIn,
  runFolder,
  runOnline,
  sendLog,
  stateOf,
} from "./online-run.js";
import { scene, undisturbedState } from "./scene.js";

const DEADLINE_MS = 2_500;

let undisturbed: NormalisedRun;
beforeAll(async () => {
  undisturbed = await undisturbedState();
});

async function behindFront(
  context: TestContext,
): Promise<{ server: WandbServer; front: Front; place: Place }> {
  const { server, place } = await scene(context);
  const front = await startFront(server.url);
  context.onTestFinished(() => front.close());
  return { server, front, place: placeIn(place.dir, server, front.url) };
}

function expectUnfelt({ ended, result }: OnlineEnd): void {
  expect([ended.code, ended.signal], ended.stderr).toEqual([0, null]);
  expect(result, ended.stderr).toMatchObject({ waits: 0, drops: {} });
}

function expectSent(end: OnlineEnd): void {
  expectUnfelt(end);
  expect(end.result!.report, end.ended.stderr).toMatchObject({ pending: 0, dropped: 0 });
}

async function expectKept(
  end: OnlineEnd,
  place: Place,
  server: WandbServer,
  // With the grace that `finish` documents, on a machine that is busy with other tests.
  mostMs = DEADLINE_MS + 15_000,
): Promise<void> {
  expectUnfelt(end);
  const { report, finishMs } = end.result!;
  expect(report).toMatchObject({
    dropped: 0,
    location: runFolder(place),
    hint: `send with: npx tracelet sync ${runFolder(place)}`,
  });
  expect(report.pending).toBeGreaterThan(0);
  expect(finishMs).toBeLessThan(mostMs);
  const { complete, problems } = await sendLog(placeIn(place.dir, server));
  expect([complete, problems]).toEqual([true, []]);
  expect(asSynced(await stateOf(server))).toEqual(asSynced(undisturbed));
}

describe.concurrent("a server that is away for a while", () => {
  test("nobody listens at the beginning", async (context) => {
    const { server, front, place } = await behindFront(context);
    await front.down();
    const end = await runOnline(place, { onMoment: (moment) => moment === "half" && void front.up() });
    expectSent(end);
    expect(end.ended.said[0]).toMatch(
      /does not take the run \(.*ECONNREFUSED.*; it is kept in .* and sent as soon/,
    );
    expect(await stateOf(server)).toEqual(undisturbed);
  });

  test("it restarts in the middle, with its state", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      onMoment: (moment) => {
        if (moment === "half") void front.down();
        if (moment === "logged") setTimeout(front.up, 500);
      },
    });
    expectSent(end);
    expect(await stateOf(server)).toEqual(undisturbed);
  });

  test("it restarts at the end", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      onMoment: (moment) => {
        if (moment !== "logged") return;
        void front.down();
        setTimeout(front.up, 6_000);
      },
    });
    expectSent(end);
    expect(await stateOf(server)).toEqual(undisturbed);
  });

  test("connections go silent", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      onMoment: (moment) => {
        if (moment === "half") front.silence();
        if (moment === "logged") setTimeout(front.up, 500);
      },
    });
    expectSent(end);
    expect(await stateOf(server)).toEqual(undisturbed);
  });

  test("its name is not found at first", async (context) => {
    const { server, place } = await scene(context);
    const end = await runOnline(placeIn(place.dir, server, server.url.replace("127.0.0.1", "localhost")), {
      nodeArgs: ["--import", fixture("preload-dns.mjs").href],
      env: { DNS_FAILURES: "5" },
    });
    expectSent(end);
    expect(end.ended.said.join("\n")).toMatch(/EAI_AGAIN/);
    expect(await stateOf(server)).toEqual(undisturbed);
  });
});

describe.concurrent("a server that stays away", () => {
  test("nobody listens any more", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      deadlineMs: DEADLINE_MS,
      onMoment: (moment) => moment === "half" && void front.down(),
    });
    await expectKept(end, place, server);
  });

  test("the end does not wait for its deadline when nobody listens", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      deadlineMs: 60_000,
      onMoment: (moment) => moment === "half" && void front.down(),
    });
    await expectKept(end, place, server, 30_000);
    expect(end.result!.finishMs).toBeGreaterThan(3_000);
  });

  test.for([
    ["there is no way to it", "http://192.0.2.1:9"],
    ["its name is not found", "http://no-such-host.invalid"],
  ])("%s", async ([, url], context) => {
    const { server, place } = await scene(context);
    const end = await runOnline(placeIn(place.dir, server, url), { deadlineMs: DEADLINE_MS });
    await expectKept(end, place, server);
  });
});

describe.concurrent("a machine with a life of its own", () => {
  test("it sleeps, and its connections are gone when it wakes up", async (context) => {
    const { server, front, place } = await behindFront(context);
    const end = await runOnline(place, {
      onMoment: async (moment, pid) => {
        if (moment !== "half") return;
        process.kill(pid, "SIGSTOP");
        await front.down();
        await wait(2_000);
        await front.up();
        process.kill(pid, "SIGCONT");
      },
    });
    expectSent(end);
    expect(await stateOf(server)).toEqual(undisturbed);
  });

  test.for([3_600_000, -3_600_000])("its clock jumps by %i ms", async (jump, context) => {
    const { server, place } = await scene(context);
    const end = await runOnline(place, {
      nodeArgs: ["--import", fixture("preload-clock.mjs").href],
      // In the worker that is in the middle of the rows.
      env: { JUMP_MS: String(jump), JUMP_AFTER_MS: "300" },
    });
    expectSent(end);
    expect(await stateOf(server)).toEqual(undisturbed);
  });
});
