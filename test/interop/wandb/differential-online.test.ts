import { describe, expect, test } from "vitest";
import type { NormalisedRun } from "../../support/wandb-server/normalise.js";
import type { RecordedRequest } from "../../support/wandb-server/record.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { expected, expectedSaid } from "./exceptions.js";
import { brokenRules, whatWasSaid } from "./requests.js";
import { runOfficialOnline } from "./run-official.js";
import { runOursOnline } from "./run-ours.js";
import { listScripts, type Script } from "./scripts.js";

interface Online {
  readonly run: NormalisedRun;
  readonly requests: readonly RecordedRequest[];
}

async function onServer(run: (server: WandbServer) => Promise<NormalisedRun>): Promise<Online> {
  const server = await startWandbServer();
  try {
    return { run: await run(server), requests: server.requests };
  } finally {
    await server.close();
  }
}

describe.concurrent.each(listScripts())("$name, online", (script: Script) => {
  test("the server holds the same and was told the same", async () => {
    const [ours, official] = await Promise.all([
      onServer((server) => runOursOnline(script, server)),
      onServer((server) => runOfficialOnline(script, server)),
    ]);
    for (const { requests, run } of [official, ours]) {
      expect(requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
      expect(brokenRules(requests)).toEqual([]);
      expect(run["holes"]).toBe(0);
    }
    expect(ours.run).toEqual(expected(official.run, true));
    expect(whatWasSaid(ours.requests)).toEqual(expectedSaid(script, whatWasSaid(official.requests)));
  });
});
