import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { runOfficial } from "./run-official.js";
import { runOurs } from "./run-ours.js";
import { listScripts, SCRIPTS_FOLDER } from "./scripts.js";

// One program, two clients, one server: what it holds in the end must be the same.
const pairs = listScripts().filter(({ name }) => existsSync(join(SCRIPTS_FOLDER, `${name}.ts`)));

test.each(pairs)("$name is the same from both clients", async (script) => {
  const servers = [await startWandbServer(), await startWandbServer()] as const;
  try {
    const [official, ours] = await Promise.all([
      runOfficial(script, servers[0]),
      runOurs(script, servers[1]),
    ]);
    expect(ours).toEqual(official);
  } finally {
    for (const server of servers) await server.close();
  }
});
