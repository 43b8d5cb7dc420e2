import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { expect, test } from "vitest";
import { runOnline, sendLog } from "./online-run.js";
import { scene } from "./scene.js";

// Settings of the official client for a server in trouble.

test.for([
  ["true", "SIGINT"],
  ["false", null],
] as const)("stopOnFatalError %s: rows that are refused for good", async ([value, signal], context) => {
  const { server, place } = await scene(context);
  server.faults.push({
    match: { path: /file_stream$/ },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "status", status: 400 },
  });
  const { ended } = await runOnline(place, {
    rows: 1_000,
    blockMs: 100,
    env: { WANDB_STOP_ON_FATAL_ERROR: value },
  });
  expect(ended.signal, ended.stderr).toBe(signal);
  server.faults.length = 0;
  expect(await sendLog(place)).toMatchObject({ complete: true });
});

test.for([
  [true, /\d+ events of the run did not arrive within 1 s; send with: npx tracelet sync .*-late/],
  [false, undefined],
] as const)(
  "finishTimeoutRaises %s: an end without an answer",
  async ([finishTimeoutRaises, message], context) => {
    const { server, place } = await scene(context);
    const run = await wandb.init({
      id: "late",
      project: "faults",
      dir: join(place.dir),
      settings: {
        baseUrl: server.url,
        apiKey: server.apiKey,
        disableGit: true,
        finishTimeout: 1,
        finishTimeoutRaises,
      },
    });
    server.faults.push({
      match: { path: /file_stream$/ },
      times: Number.POSITIVE_INFINITY,
      action: { kind: "hang" },
    });
    run.log({ loss: 1 });
    const began = performance.now();
    const ending = run.finish();
    if (message === undefined) await ending;
    else await expect(ending).rejects.toThrow(message);
    expect(performance.now() - began).toBeLessThan(5_000);
    // It has ended in any case.
    expect(wandb.getRun()).toBeUndefined();
  },
);
