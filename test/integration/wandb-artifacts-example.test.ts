import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { emptyHome, runCommand } from "../support/command-line.js";
import { runScript } from "../support/run-script.js";
import { tempDir } from "../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

const root = new URL("../..", import.meta.url);
const nodeArgs = ["--import", new URL("node_modules/tsx/dist/loader.mjs", root).href];
const example = new URL("examples/wandb-artifacts.ts", root);

let server: WandbServer;
let cwd: string;
let home: { readonly [name: string]: string };
beforeEach(async () => {
  server = await startWandbServer();
  cwd = tempDir();
  home = emptyHome(cwd);
});
afterEach(() => server.close());

const key = () => ({ WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey });
const run = (env: { readonly [name: string]: string }) =>
  runScript(example, { nodeArgs, cwd, env: { ...home, ...env } });
const runs = () => [...server.store.projects.values()].flatMap((project) => [...project.runs.values()]);

// Gradient descent on 50 points whose x have the mean -0.02 goes to the line itself.
const isTheLine = (text: string): void => {
  const { slope, offset } = JSON.parse(text) as { slope: number; offset: number };
  expect([slope, offset]).toEqual([expect.closeTo(3, 3), expect.closeTo(-1, 3)]);
};

test("with a key: two runs, and the model goes from one to the other over the server", async () => {
  const ended = await run(key());
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toBe("the model of the server has the loss 0.0000\n");
  expect(ended.said).toHaveLength(2);
  for (const line of ended.said) expect(line).toMatch(/^wandb: view run \S+ at http:/);
  isTheLine(readFileSync(join(cwd, "artifacts", "line:v0", "line.json"), "utf8"));

  const [training, tested] = runs();
  expect([training!.state, tested!.state]).toEqual(["finished", "finished"]);
  expect([...server.store.artifacts.values()].map(({ state }) => state)).toContain("COMMITTED");
  expect(tested!.inputArtifacts.size).toBe(1);
  expect(JSON.parse(tested!.summary!)).toMatchObject({ "test/loss": expect.closeTo(0, 6) });
});

test("without a key: kept, and what it prints sends it", async () => {
  const ended = await run({ WANDB_BASE_URL: server.url });
  expect(ended.code, ended.stderr).toBe(0);
  expect(ended.stdout).toMatch(/^no server: .*npx tracelet sync/);
  expect(readdirSync(join(cwd, "wandb")).filter((name) => name.startsWith("offline-run-"))).toHaveLength(1);
  expect(server.requests).toEqual([]);

  const synced = await runCommand(["sync"], cwd, { ...home, ...key() });
  expect(synced.code, synced.stderr).toBe(0);
  expect(runs()).toHaveLength(1);
  expect(runs()[0]!.state).toBe("finished");
  const models = [...server.store.artifacts.values()].filter(({ state }) => state === "COMMITTED");
  expect(models).toHaveLength(1);
});
