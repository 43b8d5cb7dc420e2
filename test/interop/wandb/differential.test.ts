import { describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { expected } from "./exceptions.js";
import { runOfficial } from "./run-official.js";
import { runOurs } from "./run-ours.js";
import { listScripts, type Script } from "./scripts.js";

/** What a half makes of a server of its own, on which every request must have succeeded. */
async function onServer(run: (server: WandbServer) => Promise<NormalisedRun>): Promise<NormalisedRun> {
  const server = await startWandbServer();
  try {
    const snapshot = await run(server);
    const failed = server.requests.filter(({ status, error }) => status !== 200 || error !== undefined);
    expect(failed).toEqual([]);
    expect(snapshot["holes"]).toBe(0);
    return snapshot;
  } finally {
    await server.close();
  }
}

describe.concurrent.each(listScripts())("$name", (script: Script) => {
  let official: Promise<NormalisedRun> | undefined;
  const officially = () => {
    official ??= onServer((server) => runOfficial(script, server));
    return official;
  };

  test("ours is as the official client's", async () => {
    const ours = await onServer((server) => runOurs(script, server));
    expect(ours).toEqual(expected(await officially()));
  });

  // What the official client makes of a script must be the same every time, or a difference from ours means nothing.
  test("the official client's is the same twice", async () => {
    const again = await onServer((server) => runOfficial(script, server));
    expect(again).toEqual(await officially());
  });
});
