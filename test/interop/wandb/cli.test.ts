import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveCredentials } from "#backends/wandb/server/credentials.js";
import { runCommand } from "../../support/command-line.js";
import { pythonPath, runPython } from "../../support/python.js";
import { type Environment, runProgram } from "../../support/run-program.js";
import { tempDir } from "../../support/temp-dir.js";
import { startWandbServer, type WandbServer } from "../../support/wandb-server/server.js";
import { withoutServer } from "./official-client.js";

// The command line beside the official one: each reads what the other has written.

let server: WandbServer;
let folder: string;
beforeEach(async () => {
  server = await startWandbServer();
  folder = tempDir();
});
afterEach(() => server.close());

/** Variables of a user who has not logged in yet; both command lines get them. */
const user = (): Environment => {
  // The netrc file is the one in their home.
  const { NETRC: _, ...environment } = withoutServer(folder);
  return { ...environment, WANDB_ERROR_REPORTING: "false" };
};
const official = async (...args: readonly string[]) =>
  runProgram(join(dirname(await pythonPath()), "wandb"), args, folder, user());
const ours = (...args: readonly string[]) => runCommand(args, folder, user());
const netrc = () => join(user()["HOME"]!, ".netrc");
const settings = () => join(user()["WANDB_CONFIG_DIR"]!, "settings");
const authorizations = () => server.requests.map(({ headers }) => headers.authorization);
const header = () => `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`;

describe("a login", () => {
  test("of ours is the official client's", async () => {
    const login = await ours("wandb", "login", server.apiKey, "--host", server.url);
    expect(login.code, login.stderr).toBe(0);
    server.requests.length = 0;
    const seen = await official("login", "--verify");
    expect(seen.code, seen.stderr).toBe(0);
    expect(seen.stdout + seen.stderr).toMatch(/Currently logged in as:.*tester/);
    expect(new Set(authorizations())).toEqual(new Set([header()]));
  });

  test("of the official client is ours, and the files are the same", async () => {
    const login = await official("login", "--verify", "--host", server.url, server.apiKey);
    expect(login.code, login.stderr).toBe(0);
    const theirs = { netrc: readFileSync(netrc(), "utf8"), settings: readFileSync(settings(), "utf8") };
    server.requests.length = 0;
    const status = await ours("wandb", "status");
    expect(status.code, status.stdout).toBe(0);
    expect(status.stdout).toContain(`server    ${server.url}\n`);
    expect(status.stdout).toContain(`from ${netrc()}\n`);
    expect(authorizations()).toEqual([header()]);

    for (const path of [netrc(), settings()]) rmSync(path);
    await ours("wandb", "login", server.apiKey, "--host", server.url);
    expect(readFileSync(netrc(), "utf8").trimEnd()).toBe(theirs.netrc.trimEnd());
    expect(readFileSync(settings(), "utf8").trimEnd()).toBe(theirs.settings.trimEnd());
    expect(statSync(netrc()).mode & 0o777).toBe(0o600);
  });

  test("of either keeps the other entries of a netrc file", async () => {
    const before = "machine other\n  login me\n  password secret-of-other\n";
    const host = new URL(server.url).host;
    for (const login of [
      () => official("login", "--no-verify", "--host", server.url, server.apiKey),
      () => ours("wandb", "login", "--no-verify", "--host", server.url, server.apiKey),
    ]) {
      writeFileSync(netrc(), `${before}machine ${host}\n  login user\n  password ${"0".repeat(40)}\n`);
      await login();
      expect(readFileSync(netrc(), "utf8").trimEnd()).toBe(
        `${before}machine ${host}\n  login user\n  password ${server.apiKey}`,
      );
    }
  });
});

test("netrc files of many forms give both clients the same key", async () => {
  const key = "k".repeat(40);
  const machine = "api.example.com";
  const contents = [
    `machine ${machine} login user password ${key}`,
    `machine ${machine}\n\n  password ${key}\n login user`,
    `machine ${machine} password ${key} machine other password ${"o".repeat(40)}`,
    `machine other password ${"o".repeat(40)}\ndefault login user password ${key}`,
    `default password ${"o".repeat(40)}\nmachine ${machine} password ${key}`,
    `machine ${machine} login user\ndefault password ${key}`,
    `machine ${machine} password ${"o".repeat(40)}\nmachine ${machine} password ${key}`,
    `# machine ${machine} password x\nmachine ${machine} password ${key} # the key`,
    `machine "${machine}" password "${key}"`,
    `machine ${machine} account a password ${key}`,
    `machine ${machine} user u password ${key}`,
    `macdef init\ncd /\nmachine x\n\nmachine ${machine} password ${key}`,
    `machine ${machine} password ${key}\nnonsense`,
    `machine ${machine} password`,
    `password ${key}`,
    `machine ${machine}:443 password ${key}`,
    `machine ${machine} password short`,
    `machine ${machine} password local-${key}`,
    "",
  ];
  const host = `https://${machine}`;
  const theirs = await runPython(new URL("./official/read_netrc.py", import.meta.url).pathname, {
    contents,
    host,
  });
  const read = contents.map((content) => {
    writeFileSync(netrc(), content);
    try {
      const found = resolveCredentials({}, host, { HOME: user()["HOME"]! });
      return found?.kind === "key" ? found.key : null;
    } catch {
      return "refused";
    }
  });
  expect(read).toEqual(theirs);
  // The comparison compares something.
  expect(new Set(read)).toEqual(new Set([key, null, "refused", `local-${key}`]));
});

test("tracelet inspect shows what a run of the official client has logged", async () => {
  const environment = { ...user(), WANDB_MODE: "offline", WANDB_SILENT: "true" };
  const program = new URL("./official/inspected_run.py", import.meta.url).pathname;
  const ended = await runProgram(await pythonPath(), [program], folder, environment);
  expect(ended.code, ended.stderr).toBe(0);
  const [name] = readdirSync(join(folder, "wandb")).filter((entry) => entry.startsWith("offline-run-"));
  const path = join(folder, "wandb", name!);

  const { stdout } = await ours("inspect", "--json", path);
  const run = JSON.parse(stdout) as {
    metrics: { name: string; course: number[] }[];
    artifacts: { aliases: string[] }[];
    files: { path: string; bytes?: number }[];
  };
  expect(run).toMatchObject({
    id: "official1",
    name: "calm lake",
    state: "failed",
    exitCode: 4,
    fields: {
      project: "tester/differential",
      group: "g",
      "job type": "train",
      tags: "a, b",
      notes: "one\ntwo",
      program: expect.stringContaining("inspected_run.py"),
      "written by": expect.stringMatching(/^0\.31\.0/),
    },
    config: { lr: 0.1, model: { layers: 3 }, late: true },
    summary: { loss: { min: 1 }, best: 0.875 },
    rows: 1001,
    lastStep: 1000,
    others: { picture: "image-file", note: "text" },
    artifacts: [{ name: "weights", type: "model", files: 1, bytes: 1000 }],
    console: ["trained"],
  });
  // The official client keeps them as a set.
  expect(run.artifacts[0]!.aliases.toSorted()).toEqual(["best", "latest"]);
  const metrics = new Map(run.metrics.map((metric) => [metric.name, metric]));
  expect([...metrics.keys()].toSorted()).toEqual(["loss", "nan", "nested.up"]);
  expect(metrics.get("loss")).toMatchObject({ count: 1000, last: 1, min: 1, max: 1000 });
  expect(metrics.get("nan")).toEqual({ name: "nan", count: 1000, last: "NaN", course: [] });
  // Four values each.
  expect(metrics.get("nested.up")!.course).toEqual(Array.from({ length: 250 }, (_, bin) => 4 * bin + 1.5));
  expect(run.files.find((file) => file.path === "model.bin")).toEqual({ path: "model.bin", bytes: 1000 });

  const page = (await ours("inspect", path)).stdout;
  expect(page).toContain("calm lake  official1\nfailed with exit code 4, started ");
  expect(page).toMatch(/^ {2}loss +1 {2}█+.*▁+ {2}1 to 1000$/m);
  expect(page).toMatch(/^ {2}nested\.up +999 {2}▁+.*█+ {2}0 to 999$/m);
  expect(Math.max(...page.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(80);
});
