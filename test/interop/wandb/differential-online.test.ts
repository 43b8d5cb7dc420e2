import { describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { WandbServer } from "../../support/wandb-server/server.js";
import { expected, expectedSaid } from "./exceptions.js";
import { onServer } from "./on-server.js";
import { brokenRules, whatWasSaid } from "./requests.js";
import { runOfficialOnline } from "./run-official.js";
import { runOursOnline } from "./run-ours.js";
import { listScripts, type Script } from "./scripts.js";

/** What a half makes of a server of its own, and what it asked it. */
const online = (run: (server: WandbServer) => Promise<NormalisedRun>) =>
  onServer(async (server) => ({ run: await run(server), requests: server.requests }));

describe.concurrent.each(listScripts())("$name, online", (script: Script) => {
  test("the server holds the same and was told the same", async () => {
    const [ours, official] = await Promise.all([
      online((server) => runOursOnline(script, server)),
      online((server) => runOfficialOnline(script, server)),
    ]);
    for (const { requests, run } of [official, ours]) {
      expect(brokenRules(requests)).toEqual([]);
      expect(run["holes"]).toBe(0);
    }
    expect(ours.run).toEqual(expected(official.run, true));
    expect(whatWasSaid(ours.requests)).toEqual(expectedSaid(script, whatWasSaid(official.requests)));
  });
});
