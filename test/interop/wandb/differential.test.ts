import { describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { expected } from "./exceptions.js";
import { onServer } from "./on-server.js";
import { runOfficial } from "./run-official.js";
import { runOurs } from "./run-ours.js";
import { listScripts, type Script } from "./scripts.js";

/** What a half makes of a server of its own. */
async function stateBy(run: (server: WandbServer) => Promise<NormalisedRun>): Promise<NormalisedRun> {
  const snapshot = await onServer(run);
  expect(snapshot["holes"]).toBe(0);
  return snapshot;
}

describe.concurrent.each(listScripts())("$name", (script: Script) => {
  let official: Promise<NormalisedRun> | undefined;
  const officially = () => {
    official ??= stateBy((server) => runOfficial(script, server));
    return official;
  };

  test("ours is as the official client's", async () => {
    const ours = await stateBy((server) => runOurs(script, server));
    expect(ours).toEqual(expected(await officially()));
  });

  // What the official client makes of a script must be the same every time, or a difference from ours means nothing.
  test("the official client's is the same twice", async () => {
    const again = await stateBy((server) => runOfficial(script, server));
    expect(again).toEqual(await officially());
  });
});
