import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

let server: WandbServer;
let folder: string;
beforeEach(async () => {
  server = await startWandbServer();
  folder = tempDir();
  vi.stubEnv("WANDB_BASE_URL", server.url);
  vi.stubEnv("WANDB_API_KEY", server.apiKey);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

const begin = (options: wandb.InitOptions) =>
  wandb.init({ dir: folder, project: "p", settings: { console: "off", disableStats: true }, ...options });

// Else every sync would try it again, and fail.
test("a run that may not begin leaves nothing behind", async () => {
  const resumed = begin({ id: "nowhere", resume: "must" });
  await expect(resumed).rejects.toMatchObject({ code: "invalid-option" });
  expect(readdirSync(join(folder, "wandb"))).toEqual([]);
  expect(wandb.getRun()).toBeUndefined();

  const run = await begin({ id: "there" });
  run.log({ loss: 1 });
  await run.finish();
  const kept = readdirSync(join(folder, "wandb")).sort();
  const again = begin({ id: "there", resume: "never" });
  await expect(again).rejects.toMatchObject({ code: "invalid-option" });
  expect(readdirSync(join(folder, "wandb")).sort()).toEqual(kept.filter((name) => name !== "latest-run"));
});
