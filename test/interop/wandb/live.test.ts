import { describe, expect, test } from "vitest";
import type { Environment, ProgramEnded } from "../../support/run-program.js";
import { writtenLines } from "../../support/wandb-server/line-file.js";
import { normalise } from "../../support/wandb-server/normalise.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { findProject } from "../../support/wandb-server/store.js";
import { expected } from "./exceptions.js";
import { clientEnvironment } from "./official-client.js";
import { brokenRules } from "./requests.js";
import { type Client, runHalf } from "./run-half.js";
import { inWorkspace } from "./workspace.js";

// What happens while a run is sent, and what the server says meanwhile: the official client's way and ours.

interface Live {
  readonly ended: ProgramEnded;
  readonly run: Awaited<ReturnType<WandbServer["snapshot"]>>;
  readonly server: WandbServer;
}

async function runLive(
  client: Client,
  name: string,
  options: {
    readonly environment?: Environment;
    readonly during?: (server: WandbServer) => Promise<void>;
  } = {},
): Promise<Live> {
  const server = await startWandbServer();
  try {
    return await inWorkspace(async (folder) => {
      const environment = {
        ...clientEnvironment(server, folder),
        WANDB_SILENT: "true",
        WANDB_X_FILE_STREAM_TRANSMIT_INTERVAL: "1",
        ...options.environment,
      };
      const path = new URL(`./live/${name}`, import.meta.url).pathname;
      const [ended] = await Promise.all([
        runHalf(client, path, folder, environment),
        options.during?.(server),
      ]);
      return { ended, run: await server.snapshot("tester", "differential", "live"), server };
    });
  } finally {
    await server.close();
  }
}

const both = <Result>(run: (client: Client) => Promise<Result>) =>
  Promise.all([run("official"), run("ours")]);

describe.concurrent("online", () => {
  test("a run that is stopped on its page is interrupted and arrives as far as it came", async () => {
    const during = async (server: WandbServer): Promise<void> => {
      for (;;) {
        const run = findProject(server.store, "tester", "differential")?.runs.get("live");
        if (run !== undefined && writtenLines(run.history).length > 0) {
          run.stopped = true;
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const [official, ours] = await both((client) => runLive(client, "stopped", { during }));
    for (const { run, ended } of [official, ours]) {
      // By SIGINT.
      expect(ended.code).toBeNull();
      const numbers = run.history.map(({ i }) => i);
      expect(numbers).toEqual(numbers.map((_, i) => i));
      expect(numbers.length).toBeGreaterThan(0);
      expect(numbers.length).toBeLessThan(1200);
    }
    expect([official.run.state, ours.run.state]).toEqual(["failed", "failed"]);
    // Python tells of an exception, a process that got SIGINT of that.
    expect([official.run.exitCode, ours.run.exitCode]).toEqual([255, 130]);
  });

  test("files of all policies and a progress bar, changed on the way", async () => {
    const [official, ours] = await both((client) => runLive(client, "changing"));
    expect(normalise(ours.run)).toEqual(expected(normalise(official.run), true));
    for (const { server, ended } of [official, ours]) {
      expect(ended.code, ended.stderr).toBe(0);
      expect(brokenRules(server.requests)).toEqual([]);
      const puts = (name: string) =>
        server.requests.filter(({ path }) => path.endsWith(`/${name}.txt`)).length;
      // When it was saved, and when it had changed.
      expect(["live", "now", "end"].map(puts)).toEqual([2, 1, 1]);
      expect(server.requests.some(({ body }) => (body as { preempting?: boolean })?.preempting)).toBe(true);
    }
  });

  test.each([
    ["true", {}],
    ["false", {}],
    ["true", { WANDB_SAVE_CODE: "false" }],
    ["true", { WANDB_DISABLE_CODE: "true" }],
  ])("code_saving_enabled %s of the account, %o", async (enabled, environment) => {
    const [official, ours] = await both((client) =>
      inAccount(client, enabled, environment as unknown as Environment),
    );
    expect(ours).toEqual(official);
  });
});

/** Which code a run keeps when its account says so; not silent, because the official client asks who it is to tell it. */
async function inAccount(client: Client, enabled: string, environment: Environment): Promise<unknown> {
  const server = await startWandbServer();
  server.store.viewer.flags = `{"code_saving_enabled":${enabled}}`;
  try {
    return await inWorkspace(async (folder) => {
      const path = new URL("./live/plain", import.meta.url).pathname;
      const variables = { ...clientEnvironment(server, folder), ...environment };
      const ended = await runHalf(client, path, folder, variables);
      expect(ended.code, ended.stderr).toBe(0);
      const { files, config } = normalise(await server.snapshot("tester", "differential", "live"));
      const names = Object.keys(files as object).filter((name) => name !== "output.log");
      return { names, config };
    });
  } finally {
    await server.close();
  }
}
