import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RequestError, TRANSFER_RETRY } from "#backends/wandb/server/retry.js";
import { readHeaders, uploadFile } from "#backends/wandb/server/upload.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { rawClient } from "../../../../support/wandb-server/raw-client.js";
import { type Setting, startSetting } from "../sender/stream-setting.js";

const POLICY = { ...TRANSFER_RETRY, minWaitMs: 1, maxWaitMs: 5 };

let setting: Setting;
beforeEach(async () => {
  setting = await startSetting();
});
afterEach(() => setting.close());

/** A signed address of the run file `name`. */
async function address(name: string): Promise<string> {
  const { data } = await rawClient(setting.server).graphql<{
    createRunFiles: { files: { uploadUrl: string }[] };
  }>(
    `mutation CreateRunFiles($files: [String!]!) { createRunFiles(input: {entityName: "tester",
      projectName: "p", runName: "r1", files: $files}) { files { uploadUrl } } }`,
    { files: [name] },
  );
  return data.createRunFiles.files[0]!.uploadUrl;
}

function fileOf(bytes: Buffer): string {
  const path = join(tempDir(), "file");
  writeFileSync(path, bytes);
  return path;
}

const stored = (name: string) => setting.run.files.get(name)!.blob.read();
const put = () => setting.server.requests.filter(({ host }) => host === "storage");
const counting = (size: number) => Buffer.from(Uint8Array.from({ length: size }, (_, index) => index % 251));

test("a file goes whole, with its headers and length, and without the key", async () => {
  const bytes = counting(1_000_000);
  const progress: number[] = [];
  const answer = await uploadFile(setting.http, {
    url: await address("a.bin"),
    headers: ["Content-Type:image/png", "x-ms-blob-type: BlockBlob", "X-Time:12:30"],
    path: fileOf(bytes),
    size: bytes.length,
    onProgress: (sent) => progress.push(sent),
  });
  expect(answer.status).toBe(200);
  expect((await stored("a.bin")).equals(bytes)).toBe(true);
  expect(put()[0]!.headers).toMatchObject({
    "content-type": "image/png",
    "x-ms-blob-type": "BlockBlob",
    "x-time": "12:30",
    "content-length": "1000000",
  });
  expect(put()[0]!.headers.authorization).toBeUndefined();
  expect(put()[0]!.headers["transfer-encoding"]).toBeUndefined();
  expect(progress.at(-1)).toBe(1_000_000);
});

test("a range, with headers in place of the server's", async () => {
  const bytes = counting(300_000);
  const answer = await uploadFile(setting.http, {
    url: await address("part"),
    headers: ["Content-Type:application/octet-stream"],
    extraHeaders: { "content-type": "", "content-md5": "abc" },
    path: fileOf(bytes),
    size: bytes.length,
    start: 100_000,
    end: 250_001,
  });
  expect((await stored("part")).equals(bytes.subarray(100_000, 250_001))).toBe(true);
  expect(answer.headers["etag"]).toMatch(/^"[0-9a-f]{32}"$/);
  expect(put()[0]!.headers["content-md5"]).toBe("abc");
  expect(put()[0]!.headers["content-type"] ?? "").toBe("");
});

test("an empty file has a length too", async () => {
  await uploadFile(setting.http, {
    url: await address("empty"),
    headers: [],
    path: fileOf(Buffer.alloc(0)),
    size: 0,
  });
  expect(put()[0]!.headers["content-length"]).toBe("0");
  expect(await stored("empty")).toHaveLength(0);
});

test("what is appended meanwhile is not sent", async () => {
  await uploadFile(setting.http, {
    url: await address("log"),
    headers: [],
    path: fileOf(Buffer.from("first, second")),
    size: 5,
  });
  expect((await stored("log")).toString()).toBe("first");
});

test("faults of a store are repeated from the beginning, refusals are not", async () => {
  const bytes = counting(400_000);
  const path = fileOf(bytes);
  const upload = { headers: [], path, size: bytes.length, policy: POLICY };
  const match = { host: "storage" as const };
  setting.server.faults.push(
    { match, action: { kind: "status", status: 500 } },
    { match, action: { kind: "drop", when: "before" } },
    { match, action: { kind: "status", status: 429, headers: { "Retry-After": "0" } } },
  );
  await uploadFile(setting.http, { ...upload, url: await address("a") });
  expect(put().map(({ status }) => status)).toEqual([500, 0, 429, 200]);
  expect((await stored("a")).equals(bytes)).toBe(true);
  for (const status of [400, 403, 404, 408, 501]) {
    setting.server.faults.push({ match, action: { kind: "status", status } });
    const before = put().length;
    await expect(uploadFile(setting.http, { ...upload, url: await address("b") })).rejects.toMatchObject({
      status,
    });
    expect(put()).toHaveLength(before + 1);
  }
});

test("a file that is gone, a folder, or shorter than was said is told at once", async () => {
  const dir = tempDir();
  mkdirSync(join(dir, "folder"));
  writeFileSync(join(dir, "short"), counting(100_000));
  truncateSync(join(dir, "short"), 50_000);
  for (const name of ["gone", "folder", "short"]) {
    const failed = uploadFile(setting.http, {
      url: await address(name),
      headers: [],
      path: join(dir, name),
      size: 100_000,
      // Longer than this test may take.
      policy: { ...POLICY, minWaitMs: 60_000, maxWaitMs: 60_000 },
    });
    await expect(failed).rejects.toBeInstanceOf(RequestError);
    expect(setting.run.files.has(name)).toBe(false);
  }
});

test("the signal ends an upload", async () => {
  const controller = new AbortController();
  setting.server.faults.push({ match: { host: "storage" }, action: { kind: "hang" } });
  const bytes = counting(10);
  const upload = uploadFile(setting.http, {
    url: await address("a"),
    headers: [],
    path: fileOf(bytes),
    size: 10,
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(new Error("over")), 50);
  await expect(upload).rejects.toThrow("over");
});

test("headers are divided at the first colon", () => {
  expect(readHeaders(["A:b:c", " D : e ", "none", ""])).toEqual({ A: "b:c", D: "e" });
});
