import { lchownSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRunFiles, type RunFiles, type RunFilesOptions } from "#backends/wandb/sender/run-files.js";
import { createGraphql } from "#backends/wandb/server/graphql.js";
import { TRANSFER_RETRY } from "#backends/wandb/server/retry.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { QUICK_RETRY, type Setting, startSetting } from "./stream-setting.js";

let setting: Setting;
let dir: string;
let files: RunFiles | undefined;
let uploaded: string[];
let failed: [path: string, reason: string][];
let gone: string[];
let trouble: string[];
beforeEach(async () => {
  setting = await startSetting();
  dir = join(tempDir(), "files");
  mkdirSync(dir);
  [uploaded, failed, gone, trouble] = [[], [], [], []];
});
afterEach(async () => {
  await files?.finish();
  await setting.close();
});

function start(options: Partial<RunFilesOptions> = {}): RunFiles {
  files = createRunFiles({
    http: setting.http,
    graphql: createGraphql(setting.http),
    entity: "tester",
    project: "p",
    runId: "r1",
    filesDir: dir,
    batchMs: 100,
    pollMs: 20,
    policy: { ...TRANSFER_RETRY, minWaitMs: 1, maxWaitMs: 5 },
    queryPolicy: QUICK_RETRY,
    onUploaded: (name) => uploaded.push(name),
    onFailed(path, reason, isGone) {
      failed.push([path, reason]);
      if (isGone) gone.push(path);
    },
    onTrouble: (problem) => trouble.push(problem),
    ...options,
  });
  return files;
}

function write(name: string, content: string): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), content);
}

const queries = () =>
  setting.server.requests
    .filter(({ operation }) => operation === "CreateRunFiles")
    .map(({ variables }) => variables!["files"] as string[]);
const puts = () => setting.server.requests.filter(({ host }) => host === "storage");
const stored = async (name: string) => (await setting.run.files.get(name)?.blob.read())?.toString();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("names are collected for a while, asked for together, uploaded and told", async () => {
  const run = start();
  write("config.yaml", "lr: 1");
  write("media/images/a b.png", "png");
  write("empty", "");
  run.publish("config.yaml", "NOW");
  run.publish("media/images/a b.png", "NOW");
  run.publish("./config.yaml", "NOW");
  await pause(30);
  expect(queries()).toEqual([]);
  run.publish("empty", "NOW");
  await vi.waitFor(() => expect(uploaded).toHaveLength(3), 8_000);
  expect(queries()).toEqual([["config.yaml", "media/images/a b.png", "empty"]]);
  expect(await stored("config.yaml")).toBe("lr: 1");
  expect(await stored("media/images/a b.png")).toBe("png");
  expect(await stored("empty")).toBe("");
  expect(uploaded.sort()).toEqual(["config.yaml", "empty", "media/images/a b.png"]);
  expect(puts().every(({ headers }) => headers.authorization === undefined)).toBe(true);
  expect(puts()[0]!.headers["content-type"]).toBe("application/octet-stream");
  expect(failed).toEqual([]);
});

test("END files go when the run ends, with their content of then", async () => {
  const run = start();
  write("out.log", "one");
  run.publish("out.log", "END");
  run.publish("later", "END");
  await run.flush();
  expect(puts()).toEqual([]);
  write("out.log", "one two");
  write("later", "now");
  await run.finish();
  expect(await stored("out.log")).toBe("one two");
  expect(await stored("later")).toBe("now");
  run.publish("out.log", "NOW");
  await run.flush();
  expect(puts()).toHaveLength(2);
});

test("LIVE files go now, when they change, and at the end; equal content is not sent again", async () => {
  const run = start({ batchMs: 20 });
  write("ckpt", "v1");
  run.publish("ckpt", "LIVE");
  await vi.waitFor(async () => expect(await stored("ckpt")).toBe("v1"), 8_000);
  write("ckpt", "v2");
  await vi.waitFor(async () => expect(await stored("ckpt")).toBe("v2"), 8_000);
  // Touched, the same content.
  utimesSync(join(dir, "ckpt"), new Date(), new Date(Date.now() + 5000));
  await pause(120);
  expect(puts()).toHaveLength(2);
  await run.finish();
  expect(puts()).toHaveLength(2);
  write("ckpt", "v3");
  await pause(80);
  expect(puts()).toHaveLength(2);
});

test("a LIVE file that changed just before the end is up to date", async () => {
  const run = start({ batchMs: 10_000, pollMs: 10_000 });
  write("ckpt", "v1");
  run.publish("ckpt", "LIVE");
  await run.flush();
  write("ckpt", "v2");
  await run.finish();
  expect(await stored("ckpt")).toBe("v2");
});

test("one upload of a file at a time; what was published meanwhile follows", async () => {
  const run = start({ batchMs: 1 });
  setting.server.faults.push({ match: { host: "storage" }, action: { kind: "delay", ms: 150 } });
  write("a", "first");
  run.publish("a", "NOW");
  await vi.waitFor(() => expect(puts()).toHaveLength(1), 8_000);
  write("a", "second");
  run.publish("a", "NOW");
  await pause(50);
  expect(puts()).toHaveLength(1);
  await run.flush();
  expect(await stored("a")).toBe("second");
  expect(puts()).toHaveLength(2);
});

test("many files: never more on their way than allowed, each once", async () => {
  const run = start({ transfers: 8 });
  let most = 0;
  const poll = setInterval(() => {
    most = Math.max(most, puts().filter(({ status }) => status === undefined).length);
  }, 1);
  setting.server.faults.push({
    match: { host: "storage" },
    times: Number.POSITIVE_INFINITY,
    action: { kind: "delay", ms: 5 },
  });
  for (let each = 0; each < 200; each++) {
    write(`f${each}`, `content ${each}`);
    run.publish(`f${each}`, "NOW");
  }
  await run.finish();
  clearInterval(poll);
  expect(setting.run.files.size).toBe(200);
  expect(puts()).toHaveLength(200);
  expect(new Set(uploaded).size).toBe(200);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(8);
  expect(Math.max(...queries().map(({ length }) => length))).toBeLessThanOrEqual(8);
});

test("ignored are the patterns' files, a slash and a leading dot as in Go's filepath.Match", async () => {
  const run = start({ ignoreGlobs: ["*.tmp", "media/*/[ab].png"] });
  for (const name of ["a.tmp", ".b.tmp", "sub/c.tmp", "media/x/a.png", "media/x/c.png"]) {
    write(name, name);
    run.publish(name, "NOW");
  }
  await run.finish();
  expect(uploaded.sort()).toEqual(["media/x/c.png", "sub/c.tmp"]);
  expect(failed).toEqual([]);
});

test("nothing outside the folder is uploaded", async () => {
  const secret = join(dirname(dir), "secret");
  writeFileSync(secret, "top secret");
  mkdirSync(join(dirname(dir), "files-other"));
  writeFileSync(join(dirname(dir), "files-other", "x"), "top secret");
  symlinkSync(secret, join(dir, "link"));
  symlinkSync(dirname(dir), join(dir, "up"));
  symlinkSync(join(dir, "inner"), join(dir, "inside"));
  symlinkSync("/dev/zero", join(dir, "endless"));
  write("inner", "inner");
  const run = start();
  const outside = ["../secret", secret, "a/../../secret", "..", ".", "", "../files-other/x", "a\0b"];
  const links = ["link", "up/secret", "endless"];
  for (const path of [...outside, ...links, "inside"]) run.publish(path, "LIVE");
  await run.finish();
  expect(uploaded).toEqual(["inside"]);
  expect(await stored("inside")).toBe("inner");
  expect(new Set(failed.map(([path]) => path))).toEqual(new Set([...outside, ...links]));
  expect(JSON.stringify(queries())).not.toContain("secret");
});

test.runIf(process.getuid?.() === 0)(
  "links of a run that was made here are followed to files of who made the link, and through no linked folder",
  async () => {
    const target = join(dir, "..", "model.bin");
    writeFileSync(target, "mine");
    for (const name of ["mine", "foreign"]) symlinkSync(target, join(dir, name));
    lchownSync(join(dir, "foreign"), 65_534, 65_534);
    symlinkSync(dirname(dir), join(dir, "up"));
    const run = start({ ownLinks: "same-owner" });
    for (const path of ["mine", "foreign", "up/model.bin"]) run.publish(path, "NOW");
    await run.flush();
    expect(uploaded).toEqual(["mine"]);
    expect(failed.map(([path]) => path).sort()).toEqual(["foreign", "up/model.bin"]);
  },
);

test("links that the run itself made are followed, to files only", async () => {
  const target = join(dirname(dir), "weights");
  writeFileSync(target, "w1");
  symlinkSync(target, join(dir, "weights"));
  symlinkSync("/dev/zero", join(dir, "endless"));
  symlinkSync(join(dirname(dir), "nowhere"), join(dir, "dangling"));
  const run = start({ ownLinks: true, batchMs: 10 });
  run.publish("weights", "LIVE");
  run.publish("endless", "NOW");
  run.publish("dangling", "NOW");
  await vi.waitFor(async () => expect(await stored("weights")).toBe("w1"), 8_000);
  writeFileSync(target, "w2");
  await vi.waitFor(async () => expect(await stored("weights")).toBe("w2"), 8_000);
  await run.finish();
  expect(failed).toEqual(
    expect.arrayContaining([
      ["endless", "it is not a file"],
      ["dangling", "there is no such file"],
    ]),
  );
  expect(gone).toEqual(["dangling"]);
});

test("an address that has expired is replaced, a few times", async () => {
  const run = start();
  write("a", "content");
  write("b", "content of b");
  const of = (name: string) => ({ host: "storage" as const, path: new RegExp(`/${name}$`) });
  setting.server.faults.push(
    { match: of("a"), times: 2, action: { kind: "status", status: 403 } },
    { match: of("b"), times: 100, action: { kind: "status", status: 400 } },
  );
  run.publish("a", "NOW");
  run.publish("b", "NOW");
  await run.finish();
  expect(uploaded).toEqual(["a"]);
  expect(await stored("a")).toBe("content");
  expect(failed).toEqual([["b", expect.stringContaining("400")]]);
  expect(
    queries()
      .flat()
      .filter((name) => name === "a"),
  ).toHaveLength(3);
  expect(
    queries()
      .flat()
      .filter((name) => name === "b"),
  ).toHaveLength(4);
});

test("faults of both hosts are sat out", async () => {
  const run = start();
  const storage = { host: "storage" as const };
  const query = { operation: "CreateRunFiles" };
  setting.server.faults.push(
    { match: query, action: { kind: "status", status: 502 } },
    { match: query, action: { kind: "html" } },
    { match: query, action: { kind: "drop", when: "after" } },
    { match: query, action: { kind: "half" } },
    { match: storage, times: 3, action: { kind: "drop", when: "before" } },
    { match: storage, action: { kind: "status", status: 500 } },
    { match: storage, action: { kind: "drop", when: "after" } },
  );
  for (const name of ["a", "b", "c", "d"]) {
    write(name, name.repeat(100_000));
    run.publish(name, "NOW");
  }
  await run.finish();
  expect(uploaded.sort()).toEqual(["a", "b", "c", "d"]);
  for (const name of uploaded) expect(await stored(name)).toBe(name.repeat(100_000));
  expect(trouble.length).toBe(9);
  expect(failed).toEqual([]);
});

test("a file that shrinks while it is sent arrives as it is then", async () => {
  const run = start();
  write("a", "long content ".repeat(100_000));
  setting.server.faults.push({
    match: { operation: "CreateRunFiles" },
    action: { kind: "delay", ms: 1_000 },
  });
  run.publish("a", "NOW");
  const flushed = run.flush();
  await vi.waitFor(() => expect(queries()).toHaveLength(1), 8_000);
  write("a", "short");
  await flushed;
  expect(await stored("a")).toBe("short");
  expect(failed).toEqual([]);
});

test("a refusal fails its files only, with a reason each; others follow", async () => {
  const run = start();
  setting.server.faults.push({
    match: { operation: "CreateRunFiles" },
    action: { kind: "status", status: 404 },
  });
  write("a", "a");
  write("b", "b");
  run.publish("a", "NOW");
  run.publish("gone", "NOW");
  await run.flush();
  expect(failed).toEqual([
    ["gone", "there is no such file"],
    ["a", expect.stringContaining("404")],
  ]);
  run.publish("b", "NOW");
  await run.flush();
  expect(uploaded).toEqual(["b"]);
});

test.each([
  ["fewer files than asked for", { files: [] }],
  ["another name", { files: [{ name: "z", uploadUrl: "http://127.0.0.1:9/z" }] }],
  ["no address", { files: [{ name: "a", uploadUrl: null }] }],
])("an answer with %s uploads nothing", async (_, answer) => {
  const run = start();
  const body = JSON.stringify({ data: { createRunFiles: { runID: "x", uploadHeaders: [], ...answer } } });
  setting.server.faults.push({
    match: { operation: "CreateRunFiles" },
    action: { kind: "status", status: 200, body },
  });
  write("a", "a");
  run.publish("a", "NOW");
  await run.flush();
  expect(failed.map(([path]) => path)).toEqual(["a"]);
  expect(puts()).toEqual([]);
});

test("the signal ends all at once", async () => {
  const controller = new AbortController();
  const run = start({ signal: controller.signal, batchMs: 1, transfers: 2 });
  setting.server.faults.push({ match: { host: "storage" }, times: 10, action: { kind: "hang" } });
  for (const name of ["a", "b", "c", "d"]) {
    write(name, name);
    run.publish(name, name === "d" ? "LIVE" : "NOW");
  }
  const flushed = run.flush();
  await vi.waitFor(() => expect(puts()).toHaveLength(2), 8_000);
  controller.abort();
  await Promise.all([flushed, run.finish()]);
  rmSync(dir, { recursive: true });
  expect([uploaded, failed]).toEqual([[], []]);
});
