import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { JsonValue } from "#src/events/event.js";
import { pythonPath } from "../../support/python.js";
import { tempDir } from "../../support/temp-dir.js";
import { type NormalisedRun, normalise } from "../../support/wandb-server/normalise.js";
import { startWandbServer } from "../../support/wandb-server/server.js";
import { logEverything } from "./log-everything.js";
import { clientEnvironment, syncOfficial } from "./official-client.js";
import { brokenRules } from "./requests.js";

// The same script, sent by ours while it is written and by the official sync afterwards.
test("a run of the facade is online as its offline run and the official sync make it", async () => {
  const dir = tempDir();
  const [live, synced] = [await startWandbServer(), await startWandbServer()];
  const environment = clientEnvironment(synced, dir);
  const variables = {
    WANDB_DATA_DIR: environment["WANDB_DATA_DIR"]!,
    WANDB_BASE_URL: live.url,
    WANDB_API_KEY: live.apiKey,
    WANDB_SILENT: "true",
  };
  Object.assign(process.env, variables);
  try {
    await logEverything(dir, "offline");
    const [folder] = readdirSync(join(dir, "wandb")).filter((name) => name.startsWith("offline-run-"));
    const sync = await syncOfficial(await pythonPath(), [join(dir, "wandb", folder!)], dir, environment);
    expect(sync.code, sync.stdout + sync.stderr).toBe(0);

    const { wandb: report } = await logEverything(dir, "online");
    expect(report).toMatchObject({ dropped: 0, pending: 0 });
    expect(live.requests.filter(({ status, error }) => status !== 200 || error !== undefined)).toEqual([]);
    expect(brokenRules(live.requests)).toEqual([]);

    const [ours, theirs] = await Promise.all(
      [live, synced].map(async (server) =>
        normalise(await server.snapshot("tester", "differential", "facade1")),
      ),
    );
    expect(withoutSync(ours!)).toEqual(withoutSync(theirs!));
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
    await live.close();
    await synced.close();
  }
});

/** Without what a sync cannot know: the steps of artifacts, and the program, which is the sync's own. */
function withoutSync({ program: _, outputArtifacts, ...run }: NormalisedRun): NormalisedRun {
  const artifacts = outputArtifacts as readonly { readonly [key: string]: JsonValue }[];
  return { ...run, outputArtifacts: artifacts.map(({ historyStep: __, ...artifact }) => artifact) };
}
