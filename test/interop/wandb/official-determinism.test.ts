import { expect, test } from "vitest";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { runOfficial } from "./run-official.js";
import { listScripts } from "./scripts.js";

// What the official client makes of a script must be the same every time, or a difference from ours means nothing.
test.each(listScripts())("$name gives the same twice", async (script) => {
  const servers = [await startWandbServer(), await startWandbServer()] as const;
  try {
    const [first, second] = await Promise.all(servers.map((server) => runOfficial(script, server)));
    expect(second).toEqual(first);
    expect(first!["holes"]).toBe(0);
    for (const { requests } of servers)
      expect(requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
  } finally {
    for (const server of servers) await server.close();
  }
});
