import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os, { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { collectEnvironment } from "#src/collectors/environment.js";

let dir: string;
const argv = process.argv;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tracelet-environment-"));
});
afterEach(() => {
  process.argv = argv;
  delete process.env["SLURM_JOB_ID"];
  delete process.env["MY_PRIVATE_VARIABLE"];
  rmSync(dir, { recursive: true });
});

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), typeof content === "string" ? content : JSON.stringify(content));
}

test("runtime and machine", async () => {
  const environment = await collectEnvironment({ cwd: dir });
  expect(environment).toMatchObject({
    node: process.version,
    platform: process.platform,
    arch: process.arch,
    host: os.hostname(),
    pid: process.pid,
    cwd: dir,
    executable: process.execPath,
    cpu: { count: os.cpus().length },
    memory: { totalBytes: os.totalmem() },
    packages: {},
  });
  expect(JSON.parse(JSON.stringify(environment))).toEqual(environment);
});

test("script and arguments, secrets masked", async () => {
  process.argv = [process.execPath, "/work/train.mjs", "--api-key", "abc", "--lr=0.1", "--db=pg://a:b@host/"];
  expect(await collectEnvironment({ cwd: dir })).toMatchObject({
    script: "/work/train.mjs",
    arguments: ["--api-key", "***", "--lr=0.1", "--db=pg://***@host/"],
  });
});

test("only listed variables", async () => {
  process.env["SLURM_JOB_ID"] = "4711";
  process.env["MY_PRIVATE_VARIABLE"] = "mine alone";
  const environment = await collectEnvironment({ cwd: dir });
  expect(environment["variables"]).toMatchObject({ SLURM_JOB_ID: "4711" });
  expect(JSON.stringify(environment)).not.toContain("mine alone");
});

test("installed versions, nearest and hoisted, of the nearest package.json", async () => {
  put("node_modules/hoisted/package.json", { version: "2.0.0" });
  put("package.json", { dependencies: { outer: "1" } });
  put("app/package.json", {
    dependencies: { hoisted: "^2", "@scope/near": "*", absent: "1", broken: "1" },
    optionalDependencies: { extra: "1" },
    devDependencies: { tool: "1" },
  });
  put("app/node_modules/@scope/near/package.json", { version: "1.2.3" });
  put("app/node_modules/extra/package.json", { version: "0.1.0" });
  put("app/node_modules/tool/package.json", { version: "9.0.0" });
  put("app/node_modules/broken/package.json", "{");
  put("app/src/x", "");
  const environment = await collectEnvironment({ cwd: join(dir, "app/src") });
  expect(environment["packages"]).toEqual({ "@scope/near": "1.2.3", extra: "0.1.0", hoisted: "2.0.0" });
});
