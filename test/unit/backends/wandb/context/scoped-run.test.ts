import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { WandbConfig } from "#backends/wandb/context/config.js";
import { setDownloadRun } from "#backends/wandb/context/download-logs.js";
import { withWandbConfig } from "#backends/wandb/context/scope.js";
import { wandbInit } from "#backends/wandb/context/wandb-init.js";
import { withRun } from "#backends/wandb/context/with-run.js";
import type { Run } from "#backends/wandb/sdk/run.js";
import { startWandbServer } from "../../../../support/wandb-server/server.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "wandb-scoped-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe("mode of a run that other processes write to", () => {
  const task = { runName: "r", actionName: "a" };
  const parent = { id: "parent1", project: "p", mode: "online" } as const;
  it.each<[string, WandbConfig, Run["mode"]]>([
    ["opened for others", { execution: "remote", task }, "shared"],
    ["of a parent elsewhere", { parent }, "shared"],
    ["of a parent elsewhere that is offline", { parent: { ...parent, mode: "offline" } }, "offline"],
    ["of a parent elsewhere that keeps nothing", { parent: { ...parent, mode: "disabled" } }, "disabled"],
    ["kept here on purpose", { parent, mode: "offline" }, "offline"],
    ["of its own in spite of the parent", { parent, runMode: "new" }, "online"],
    ["of a task in this process", { task }, "online"],
  ])("%s", async (_case, config, mode) => {
    const server = await startWandbServer();
    const settings = { console: "off", silent: true, disableStats: true, apiKey: server.apiKey };
    try {
      await withWandbConfig({ entity: "tester", dir, host: server.url, settings, ...config }, () =>
        withRun({}, (run) => expect(run.mode).toBe(mode)),
      );
    } finally {
      await server.close();
    }
  });
});

describe("runs of one task that are open at once", () => {
  const task = { runName: "r", actionName: "a" };
  const open = () =>
    withRun(
      { mode: "offline", dir, task, runMode: "new", settings: { console: "off", silent: true } },
      async (run) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return run.id;
      },
    );
  afterEach(() => vi.unstubAllEnvs());

  it("have ids of their own", async () => {
    expect(await open()).toBe("r-a");
    expect(await Promise.all([open(), open()])).toEqual(["r-a", expect.stringMatching(/^r-a-[a-z0-9]{8}$/)]);
  });

  it("have ids on a rank that the other ranks come to by themselves", async () => {
    for (const [name, value] of Object.entries({ RANK: "1", WORLD_SIZE: "2" })) vi.stubEnv(name, value);
    expect(await Promise.all([open(), open(), open()])).toEqual([
      "r-a-rank-1",
      "r-a-run-2-rank-1",
      "r-a-run-3-rank-1",
    ]);
    expect(await open()).toBe("r-a-rank-1");
  });
});

describe("downloadLogs", () => {
  const offline = { mode: "offline", settings: { console: "off", silent: true } } as const;

  it("fetches the run after it has ended well, and only then", async () => {
    const fetched: string[] = [];
    setDownloadRun(async (run) => fetched.push(`${run.id} ${run.experiment.status().state}`));
    const open = (options: object, body: () => unknown = () => {}) =>
      withRun({ ...offline, dir, ...options }, body);

    await open({ id: "well", downloadLogs: true }, () => open({ downloadLogs: true }));
    expect(fetched).toEqual(["well finished"]);
    await withWandbConfig({ downloadLogs: true }, async () => {
      await open({ id: "context" });
      await open({ id: "not-this", downloadLogs: false });
    });
    await expect(
      open({ id: "failed", downloadLogs: true }, () => {
        throw new Error("on purpose");
      }),
    ).rejects.toThrow("on purpose");
    expect(fetched).toEqual(["well finished", "context finished"]);
    wandbInit({ ...offline, dir, id: "sync", downloadLogs: true })(() => {})();
    await expect.poll(() => fetched.at(-1)).toBe("sync finished");
  });

  it("never makes a body fail that has done its work", async () => {
    setDownloadRun(() => Promise.reject(new Error("no network")));
    expect(await withRun({ ...offline, dir, downloadLogs: true }, () => 7)).toBe(7);
  });
});
