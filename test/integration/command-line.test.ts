import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as wandb from "tracelet/wandb";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { COMMAND, emptyHome, runCommand } from "../support/command-line.js";
import type { ProgramEnded } from "../support/run-program.js";
import { tempDir } from "../support/temp-dir.js";
import { openTerminal } from "../support/terminal.js";
import { logFile } from "../support/wandb-log.js";
import { startWandbServer, type WandbServer } from "../support/wandb-server/server.js";

const OTHER_KEY = `local-${"f".repeat(40)}`;

let server: WandbServer;
let folder: string;
let env: { readonly [name: string]: string };
beforeEach(async () => {
  server = await startWandbServer();
  folder = tempDir();
  env = emptyHome(folder);
});
afterEach(() => server.close());

const netrc = () => join(env["HOME"]!, ".netrc");
const settings = () => join(env["HOME"]!, ".config", "wandb", "settings");
const operations = () => server.requests.map(({ operation, path }) => operation ?? path);

/** Runs a command and makes sure that no key is in what it says. */
async function run(args: readonly string[], more: { [name: string]: string } = {}): Promise<ProgramEnded> {
  const ended = await runCommand(args, folder, { ...env, ...more });
  for (const key of [server.apiKey, OTHER_KEY]) {
    for (const form of [key, key.slice("local-".length), Buffer.from(`api:${key}`).toString("base64")])
      expect(ended.stdout + ended.stderr).not.toContain(form);
  }
  return ended;
}

describe("tracelet", () => {
  test("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("costs little more than Node: it begins with no backend, and no package but the one for its arguments", () => {
    const files = new Set<string>();
    const packages = new Set<string>();
    const read = (path: string): void => {
      if (files.has(path)) return;
      files.add(path);
      for (const [, name] of readFileSync(path, "utf8").matchAll(
        /^(?:import|\}.* from|import .* from) "([^"]+)";$/gm,
      ))
        if (name!.startsWith(".")) read(join(path, "..", name!));
        else if (!name!.startsWith("node:")) packages.add(name!);
    };
    read(COMMAND);
    expect([...packages]).toEqual(["commander"]);
    // 20 kB in 6 files; the facade alone would be 200 kB more.
    const bytes = [...files].reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThan(60_000);
  });

  test("can be executed, and says what there is", async () => {
    expect(statSync(COMMAND).mode & 0o111).toBe(0o111);
    expect(readFileSync(COMMAND, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { stdout, code } = await run(["--help"]);
    expect(code).toBe(0);
    for (const name of ["inspect", "wandb"]) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
    const below = await run(["wandb", "--help"]);
    for (const name of ["login", "status", "verify"])
      expect(below.stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });

  test("helps with a word that is none", async () => {
    const ended = await run(["inspct"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("Did you mean inspect?");
  });
});

describe("tracelet wandb login", () => {
  test("keeps a key that the server takes, for its owner alone, and the server", async () => {
    const ended = await run(["wandb", "login", server.apiKey, "--host", `${server.url}/`]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain("a key on the command line can be seen");
    expect(ended.stderr).toContain(`logged in to ${server.url} as tester; the key is in ${netrc()}`);
    expect(readFileSync(netrc(), "utf8")).toBe(
      `machine ${new URL(server.url).host}\n  login user\n  password ${server.apiKey}\n`,
    );
    expect(statSync(netrc()).mode & 0o777).toBe(0o600);
    expect(readFileSync(settings(), "utf8")).toBe(`[default]\nbase_url = ${server.url}\n`);
    expect(operations()).toEqual(["Viewer"]);

    // From now on nothing has to be said.
    const again = await run(["wandb", "login"]);
    expect(again.code).toBe(0);
    expect(again.stderr).toBe(
      `logged in to ${server.url} as tester already, by ${netrc()}; --relogin asks for another key\n`,
    );
  });

  test("keeps no key that the server refuses, or that is none", async () => {
    const refused = await run(["wandb", "login", OTHER_KEY, "--host", server.url]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/refuses the key of this login \(Viewer: 401: .*\); nothing was changed/);
    const short = await run(["wandb", "login", OTHER_KEY.slice(0, 20), "--host", server.url]);
    expect(short.code).toBe(1);
    expect(short.stderr).toContain("the API key has 14 characters");
    expect(short.stderr).not.toContain("ffff");
    expect([netrc(), settings()].map((path) => existsSync(path))).toEqual([false, false]);
  });

  test("--no-verify asks nobody", async () => {
    const ended = await run(["wandb", "login", OTHER_KEY, "--host", server.url, "--no-verify"]);
    expect(ended.code).toBe(0);
    expect(operations()).toEqual([]);
    expect(readFileSync(netrc(), "utf8")).toContain(OTHER_KEY);
  });

  test("says what to do where there is no terminal, and when the server cannot be reached", async () => {
    const without = await run(["wandb", "login"], { WANDB_BASE_URL: server.url });
    expect(without.code).toBe(1);
    expect(without.stderr).toMatch(/no terminal to ask.*Set WANDB_API_KEY/);
    const away = await run(["wandb", "login", server.apiKey, "--host", "http://127.0.0.1:1"]);
    expect(away.code).toBe(1);
    expect(away.stderr).toMatch(/127\.0\.0\.1:1 cannot be asked: .*ECONNREFUSED.*--no-verify/);
    const noServer = await run(["wandb", "login", server.apiKey, "--host", "localhost"]);
    expect(noServer.code).toBe(1);
    expect(noServer.stderr).toMatch(/^tracelet: "localhost" is no address.*\n$/m);
  });

  test("says how to replace a key that is none", async () => {
    writeFileSync(netrc(), `machine ${new URL(server.url).host} password notakey\n`);
    const ended = await run(["wandb", "login"], { WANDB_BASE_URL: server.url });
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/The API key of .*\.netrc cannot be used: .* --relogin/);
    expect(ended.stderr).not.toContain("notakey");
  });

  test("tells that a variable comes before the netrc file", async () => {
    const ended = await run(["wandb", "login", server.apiKey, "--host", server.url], {
      WANDB_API_KEY: OTHER_KEY,
    });
    expect(ended.stderr).toContain("WANDB_API_KEY is set and comes before");
  });

  test("asks in a terminal, and does not show what is typed", async () => {
    const terminal = await openTerminal([process.execPath, COMMAND, "wandb", "login"], folder, {
      ...env,
      TERM: "xterm-256color",
      WANDB_BASE_URL: server.url,
    });
    onTestFinished(() => terminal.close());
    await terminal.waitFor((text) => text.includes("it is not shown"));
    await terminal.press(server.apiKey);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const typed = await terminal.waitFor(() => true);
    await terminal.press("Enter");
    const ended = await terminal.waitFor((text) => text.includes("ended with exit code"));
    expect(ended).toContain("ended with exit code 0");
    expect(ended).toContain("as tester");
    for (const screen of [typed, ended]) {
      expect(screen).not.toContain(server.apiKey.slice(-8));
      expect(screen).not.toContain("*");
    }
    expect(readFileSync(netrc(), "utf8")).toContain(`password ${server.apiKey}\n`);
  });

  test("gives up after WANDB_LOGIN_TIMEOUT seconds", async () => {
    const terminal = await openTerminal([process.execPath, COMMAND, "wandb", "login"], folder, {
      ...env,
      TERM: "xterm-256color",
      WANDB_BASE_URL: server.url,
      WANDB_LOGIN_TIMEOUT: "0.5",
    });
    onTestFinished(() => terminal.close());
    const ended = await terminal.waitFor((text) => text.includes("ended with exit code"));
    expect(ended).toContain("nothing was changed");
    expect(ended).toContain("ended with exit code 1");
  });

  test("is given up with Ctrl+C", async () => {
    const terminal = await openTerminal([process.execPath, COMMAND, "wandb", "login"], folder, {
      ...env,
      TERM: "xterm-256color",
      WANDB_BASE_URL: server.url,
    });
    onTestFinished(() => terminal.close());
    await terminal.waitFor((text) => text.includes("it is not shown"));
    await terminal.press("C-c");
    const ended = await terminal.waitFor((text) => text.includes("ended with exit code"));
    expect(ended).toContain("nothing was changed");
    expect(ended).toContain("ended with exit code 1");
    expect(existsSync(netrc())).toBe(false);
  });
});

describe("tracelet wandb status", () => {
  test("tells server, place of the key, user and runs, and never the key", async () => {
    for (const [name, mark] of [
      ["offline-run-20260102_030405-a", undefined],
      ["run-20260102_030406-b", ".synced"],
      ["run-20260102_030407-c", undefined],
    ] as const) {
      mkdirSync(join(folder, "wandb", name), { recursive: true });
      const log = join(folder, "wandb", name, "run-x.wandb");
      writeFileSync(log, "");
      if (mark !== undefined) writeFileSync(log + mark, "");
    }
    const variables = { WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey };
    const ended = await run(["wandb", "status"], variables);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain(`server    ${server.url}\n`);
    expect(ended.stdout).toContain("key       from WANDB_API_KEY\n");
    expect(ended.stdout).toContain("user      tester\n");
    expect(ended.stdout).toContain(`runs      ${join(folder, "wandb")}: 3, 2 not synced\n`);
    const { stdout } = await run(["wandb", "status", "--json"], variables);
    expect(JSON.parse(stdout)).toMatchObject({
      baseUrl: server.url,
      credentials: "WANDB_API_KEY",
      entity: "tester",
      problem: null,
      runs: 3,
      notSynced: 2,
      unreadable: 0,
    });
  });

  test("ends with 1 when there is no key, or the server does not take it", async () => {
    const none = await run(["wandb", "status"], { WANDB_BASE_URL: server.url });
    expect(none.code).toBe(1);
    expect(none.stdout).toMatch(/key {7}none\n[\s\S]*problem {3}there is no API key; `tracelet wandb login`/);
    const wrong = await run(["wandb", "status"], { WANDB_BASE_URL: server.url, WANDB_API_KEY: OTHER_KEY });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/problem {3}Viewer: 401/);
  });
});

describe("tracelet wandb verify", () => {
  const variables = () => ({ WANDB_BASE_URL: server.url, WANDB_API_KEY: server.apiKey });

  test("uses the server as a run does, and leaves nothing there", async () => {
    const ended = await run(["wandb", "verify"], variables());
    expect(ended.code, ended.stdout).toBe(0);
    const steps = [...ended.stdout.matchAll(/^(\S+) +(\S.*?) +\d+ ms /gm)].map(([, mark, name]) => [
      mark,
      name,
    ]);
    expect(steps).toEqual(
      [
        "address",
        "connection",
        "key",
        "features",
        "run",
        "file stream",
        "upload",
        "download",
        "artifact",
        "clean-up",
      ].map((name) => ["ok", name]),
    );
    const { projects } = server.store;
    expect([...projects.values()].map(({ name, runs }) => [name, runs.size])).toEqual([
      ["tracelet-verify", 0],
    ]);
    const errors = server.requests.filter(({ status, path }) => status !== 200 && path !== "/healthz");
    expect(errors).toEqual([]);
    const artifacts = [...server.store.artifacts.values()];
    expect(artifacts.map(({ state, collection }) => [state, collection.members])).toEqual([["DELETED", []]]);
  });

  test("says that artifacts do not work when only they do not", async () => {
    server.faults.push({
      match: { operation: "CreateArtifact" },
      times: 9,
      action: { kind: "status", status: 403 },
    });
    const ended = await run(["wandb", "verify"], variables());
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^ok +download/m);
    expect(ended.stdout).toMatch(/^FAILED +artifact .*403.*runs without them work/m);
    expect(ended.stdout).toMatch(/^ok +clean-up/m);
  });

  test("stops at the step that fails, says what to do, and takes its run away", async () => {
    server.faults.push({
      match: { path: /^\/storage\// },
      times: 9,
      action: { kind: "status", status: 403 },
    });
    const ended = await run(["wandb", "verify"], variables());
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(/^ok +file stream/m);
    expect(ended.stdout).toMatch(/^FAILED +upload .*403.*file storage cannot be reached/m);
    expect(ended.stdout).not.toMatch(/download/);
    expect(ended.stdout).toMatch(/^ok +clean-up/m);
    expect(operations()).toContain("DeleteRun");
    expect(ended.stdout).toContain("this server cannot be used as it is");
  });

  test("tells an address that answers nothing from a wrong key", async () => {
    const away = await run(["wandb", "verify"], { ...variables(), WANDB_BASE_URL: "http://127.0.0.1:1" });
    expect(away.code).toBe(1);
    expect(away.stdout).toMatch(/^FAILED +connection .*ECONNREFUSED.*firewall and proxy/m);
    const wrong = await run(["wandb", "verify"], { ...variables(), WANDB_API_KEY: OTHER_KEY });
    expect(wrong.stdout).toMatch(/^FAILED +key .*401.*login --relogin/m);
  });
});

describe("tracelet inspect", () => {
  async function makeRun(moreMetrics = 0): Promise<string> {
    const started = await wandb.init({
      dir: folder,
      id: "seen0001",
      name: "calm-lake",
      project: "terminal",
      config: { lr: 0.125, api_key: "hunter2hunter2" },
      mode: "offline",
      settings: { console: "off", disableStats: true, silent: true },
    });
    for (let row = 0; row < 100; row++) started.log({ "train/loss": 100 - row });
    if (moreMetrics > 0)
      started.log(Object.fromEntries(Array.from({ length: moreMetrics }, (_, i) => [`metric${i}`, i])));
    await started.finish({ exitCode: 3 });
    return join(folder, "wandb", "latest-run");
  }

  test("shows a run of ours by its folder or its log, in 80 columns", async () => {
    const path = await makeRun();
    const ended = await run(["inspect", path]);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toContain("calm-lake  seen0001\nfailed with exit code 3, started ");
    expect(ended.stdout).toMatch(/^ {2}project +terminal$/m);
    expect(ended.stdout).toMatch(/^ {2}lr +0\.125$/m);
    expect(ended.stdout).toMatch(/^ {2}train\/loss {2}1 {2}█.*▁ {2}1 to 100$/m);
    expect(ended.stdout).not.toContain("hunter2");
    expect(ended.stdout).not.toContain("\u001b");
    expect(Math.max(...ended.stdout.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(80);
    expect((await run(["inspect", logFile(folder)])).stdout).toBe(ended.stdout);
  });

  test("--json is for programs", async () => {
    const { stdout } = await run(["inspect", "--json", await makeRun()]);
    expect(JSON.parse(stdout)).toMatchObject({
      id: "seen0001",
      state: "failed",
      exitCode: 3,
      rows: 100,
      lastStep: 99,
      metrics: [{ name: "train/loss", count: 100, last: 1, min: 1, max: 100 }],
    });
  });

  test("takes a reader that has seen enough for no error", async () => {
    // More than a pipe holds.
    const path = await makeRun(3000);
    const shell = 'set -o pipefail; node "$0" inspect --json "$1" | head -n 1; echo "code $?"';
    const output = execFileSync("bash", ["-c", shell, COMMAND, path], {
      cwd: folder,
      env: { ...env },
      encoding: "utf8",
    });
    expect(output).toBe("{\ncode 0\n");
  });

  test("says so when there is no run", async () => {
    const ended = await run(["inspect", "nothing"]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^tracelet: nothing is no run: give a run's folder/);
  });
});
