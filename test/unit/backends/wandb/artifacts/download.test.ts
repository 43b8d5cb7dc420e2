import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { cachedPath } from "#backends/wandb/artifacts/cache.js";
import {
  type ArtifactDownload,
  downloadArtifact,
} from "#backends/wandb/artifacts/download/download-artifact.js";
import { openPartFile } from "#backends/wandb/artifacts/download/part-file.js";
import { checkPaths, pathFlaw } from "#backends/wandb/artifacts/download/safe-path.js";
import { type Connection, createConnection } from "#backends/wandb/server/connection.js";
import { createHttp } from "#backends/wandb/server/http.js";
import { TRANSFER_RETRY } from "#backends/wandb/server/retry.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { hexOfId } from "../../../../support/wandb-server/ids.js";
import type { RecordedRequest } from "../../../../support/wandb-server/record.js";
import { startWandbServer, type WandbServer } from "../../../../support/wandb-server/server.js";
import {
  blobOf,
  md5Of,
  type StoredEntry,
  storeArtifact,
} from "../../../../support/wandb-server/stored-artifact.js";

const MIB = 1 << 20;

let server: WandbServer;
let connection: Connection;
let folder: string;

beforeEach(async () => {
  server = await startWandbServer();
  const key = `Basic ${Buffer.from(`api:${server.apiKey}`).toString("base64")}`;
  connection = createConnection(createHttp({ baseUrl: server.url, authorization: async () => key }));
  folder = tempDir();
});
afterEach(async () => {
  await connection.http.close();
  await server.close();
});

const root = () => join(folder, "root");
const cache = () => join(folder, "cache");
const stored = (): RecordedRequest[] =>
  server.requests.filter(({ host, path }) => host === "storage" && !path.endsWith("wandb_manifest.json"));

function download(id: string, options: Partial<ArtifactDownload> = {}) {
  return downloadArtifact(connection, {
    artifact: { id },
    root: root(),
    environment: { WANDB_CACHE_DIR: join(folder, "cache") },
    policy: { ...TRANSFER_RETRY, retries: 2, minWaitMs: 1, maxWaitMs: 5 },
    ...options,
  });
}

const store = (entries: { readonly [path: string]: StoredEntry }, manifest?: string) =>
  storeArtifact(server.store, "ds", entries, manifest).id;

/** Files below a folder, with their content. */
function filesOf(path: string): { [name: string]: string } {
  if (!existsSync(path)) return {};
  const found = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
    (file) => !file.isDirectory(),
  );
  return Object.fromEntries(
    found.map((file) => {
      const whole = join(file.parentPath, file.name);
      return [whole.slice(path.length + 1), readFileSync(whole, "latin1")];
    }),
  );
}

describe("a download", () => {
  test("has every file, and asks for none of them a second time", async () => {
    const id = store({ "a.txt": "hello", "dir/b.bin": Buffer.alloc(2 * MIB, 7), empty: "" });
    const progress: number[] = [];
    const result = await download(id, { onProgress: ({ bytes }) => progress.push(bytes) });
    expect(result).toEqual({ root: root(), files: ["a.txt", "dir/b.bin", "empty"], missingReferences: [] });
    expect(filesOf(root())).toEqual({ "a.txt": "hello", "dir/b.bin": "\x07".repeat(2 * MIB), empty: "" });
    expect(progress.at(-1)).toBe(2 * MIB + 5);
    expect(stored().length).toBe(3);

    writeFileSync(join(root(), "a.txt"), "HELLO");
    await download(id);
    await download(id, { root: join(folder, "other") });
    expect(filesOf(root())["a.txt"]).toBe("hello");
    expect(filesOf(join(folder, "other"))).toEqual(filesOf(root()));
    expect(stored().length).toBe(3);
  });

  test("sends the key to the API only", async () => {
    await download(store({ "a.txt": "hello" }));
    expect(
      server.requests.filter(({ host, headers }) => host === "storage" && headers.authorization),
    ).toEqual([]);
  });

  test("goes to ./artifacts/<name:version>, or below WANDB_ARTIFACT_DIR", async () => {
    const id = store({ "a.txt": "hello" });
    const environment = { WANDB_CACHE_DIR: join(folder, "cache"), WANDB_ARTIFACT_DIR: join(folder, "mine") };
    const result = await downloadArtifact(connection, { artifact: { id }, environment });
    expect(result.root).toBe(join(folder, "mine", "ds:v0"));
  });

  test("with a prefix has what begins so, and without the cache leaves nothing there", async () => {
    const id = store({ "a/1": "1", "a/2": "2", "b/1": "3" });
    await download(id, { pathPrefix: "a/", skipCache: true });
    expect(filesOf(root())).toEqual({ "a/1": "1", "a/2": "2" });
    expect(filesOf(cache())).toEqual({});
  });

  test("fetches the same content once, and asks for the addresses of what is wanted only", async () => {
    const id = store({ "a/1": "same", "a/2": "same", "a/3": "same", "b/1": "other" });
    await download(id, { pathPrefix: "a/" });
    expect(filesOf(root())).toEqual({ "a/1": "same", "a/2": "same", "a/3": "same" });
    expect(stored().length).toBe(1);
    const asked = server.requests.find(({ operation }) => operation === "ArtifactFileURLsByManifestEntries")!;
    const entries = asked.variables!["entries"] as { readonly name: string }[];
    expect(entries.map(({ name }) => name)).toEqual(["a/1", "a/2", "a/3"]);
  });

  test("replaces a file of the cache that is another than its name says", async () => {
    const id = store({ "a.txt": "hello" });
    await download(id);
    const kept = cachedPath(cache(), md5Of("hello"), "MD5");
    expect(readFileSync(kept, "utf8")).toBe("hello");
    writeFileSync(kept, "jello");
    await download(id, { root: join(folder, "other") });
    expect(filesOf(join(folder, "other"))).toEqual({ "a.txt": "hello" });
    expect(readFileSync(kept, "utf8")).toBe("hello");
  });

  test("asks for a new address when the first has expired", async () => {
    const id = store({ "a.txt": "hello" });
    server.faults.push({
      match: { host: "storage", path: /a\.txt$/ },
      action: { kind: "status", status: 403 },
    });
    await download(id);
    expect(filesOf(root())).toEqual({ "a.txt": "hello" });
    const asked = server.requests.filter(
      ({ operation }) => operation === "ArtifactFileURLsByManifestEntries",
    );
    expect(asked.length).toBe(2);
  });

  test("from a server without addresses by entry takes the API's route, whose redirect gets no key", async () => {
    const id = store({ "dir/a b.txt": "hello" });
    const body =
      '{"errors":[{"message":"Cannot query field \\"filesByManifestEntries\\" on type \\"Artifact\\"."}]}';
    const operation = "ArtifactFileURLsByManifestEntries";
    server.faults.push({ match: { operation }, action: { kind: "status", status: 400, body } });
    await download(id);
    expect(filesOf(root())).toEqual({ "dir/a b.txt": "hello" });
    const route = server.requests.filter(({ path }) => path.startsWith("/artifactsV2/"));
    expect(route.map(({ status, headers }) => [status, headers.authorization === undefined])).toEqual([
      [302, false],
    ]);
    expect(stored().map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("can be aborted", async () => {
    const controller = new AbortController();
    const id = store({ "a.txt": "hello" });
    server.faults.push({ match: { host: "storage", path: /a\.txt$/ }, action: { kind: "hang" } });
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(download(id, { signal: controller.signal })).rejects.toThrow("enough");
    expect(filesOf(root())).toEqual({});
  });
});

describe("what is not what the manifest says", () => {
  test("is fetched once more from a new address", async () => {
    const id = store({ "a.txt": "hello" });
    server.faults.push({
      match: { host: "storage", path: /a\.txt$/ },
      action: { kind: "reply", reply: (response) => response.end("jello") },
    });
    await download(id);
    expect(filesOf(root())).toEqual({ "a.txt": "hello" });
    expect(stored().length).toBe(2);
  });

  test.each([
    ["small", Buffer.from("hello")],
    ["large", Buffer.alloc(3 * MIB, 1)],
  ])("twice is an error, and leaves no file: %s", async (_size, content) => {
    const id = store({ "a.bin": { digest: md5Of("other"), size: content.length, content } });
    await expect(download(id)).rejects.toMatchObject({
      code: "invalid-file",
      message: /a\.bin.*digest.*twice/,
    });
    expect(filesOf(folder)).toEqual({});
    expect(stored().length).toBe(2);
  });

  test("longer than it says is cut off", async () => {
    const id = store({ "a.bin": { digest: md5Of("hello"), size: 5, content: "hello" } });
    let sent = 0;
    server.faults.push({
      match: { host: "storage", path: /a\.bin$/ },
      times: 2,
      action: {
        kind: "reply",
        reply(response) {
          const more = (): void => {
            while (!response.destroyed && sent < 1 << 30) {
              sent += 65536;
              if (!response.write(Buffer.alloc(65536))) break;
            }
          };
          response.on("drain", more);
          more();
        },
      },
    });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message: /more arrives/ });
    expect(sent).toBeLessThan(64 * MIB);
    expect(filesOf(folder)).toEqual({});
  });

  test("shorter than it says is an error", async () => {
    const id = store({ "a.bin": { digest: md5Of("hello"), size: 2 * MIB, content: "hello" } });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message: /ends before/ });
    expect(filesOf(folder)).toEqual({});
  });

  test.each([
    ["no JSON", "{", /is no JSON/],
    ["another version", '{"version":2,"contents":{}}', /has version 2/],
    ["no contents", '{"version":1}', /lists no files/],
    ["an entry without a digest", '{"version":1,"contents":{"a":{"size":1}}}', /"a" has no digest/],
    ["a negative size", '{"version":1,"contents":{"a":{"digest":"x","size":-1}}}', /wrong size/],
  ])("a manifest: %s", async (_what, manifest, message) => {
    await expect(download(store({}, manifest))).rejects.toMatchObject({ code: "invalid-file", message });
  });

  test("an artifact whose digests are of another kind is not taken for a damaged one", async () => {
    const artifact = storeArtifact(server.store, "ds", { "a.txt": "hello" });
    Object.assign(artifact, { digestAlgorithm: "MANIFEST_BLAKE3" });
    await expect(download(artifact.id)).rejects.toMatchObject({ code: "invalid-file", message: /BLAKE3/ });
    const entry = { digest: md5Of("hello"), size: 5, content: "hello", extra: { alg: "BLAKE3" } };
    await expect(download(store({ "a.txt": entry }))).rejects.toMatchObject({
      code: "invalid-file",
      message: /"a\.txt".*BLAKE3/,
    });
  });

  test("an artifact that is not there", async () => {
    await expect(download("QXJ0aWZhY3Q6OTk=")).rejects.toMatchObject({ code: "invalid-value" });
  });
});

describe("paths", () => {
  const hostile = [
    "../evil",
    "a/../../evil",
    "/etc/evil",
    "..",
    ".",
    "a//b",
    "a/./b",
    "",
    "..\\evil",
    "a\\..\\..\\evil",
    "\\\\server\\share",
    "C:evil",
    "C:\\evil",
    "c:/evil",
    "a\0b",
    "a/",
  ];

  test.each(hostile)("%j is refused before anything is written", async (path) => {
    const id = store({ "good.txt": "good", [path]: "evil" });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file" });
    expect(filesOf(root())).toEqual({});
    expect(filesOf(folder)).toEqual({});
  });

  test.each(["a b", "ä/ö", "a\\b", ".hidden", "...", "__proto__", "a/..b", "constructor/toString", "Icon\r"])(
    "%j is a path like any other",
    async (path) => {
      const id = store({ [path]: "content" });
      await download(id);
      expect(filesOf(root())).toEqual({ [path]: "content" });
    },
  );

  test("of Windows are checked there", () => {
    for (const path of [
      "a\\b",
      "a:b",
      "con",
      "NUL.txt",
      "dir/aux",
      "a.",
      "a /b",
      "a\nb",
      "COM¹.txt",
      "nul .txt",
    ]) {
      expect(pathFlaw(path, "win32"), path).toBeDefined();
    }
    expect(pathFlaw("dir/console.txt", "win32")).toBeUndefined();
  });

  test("that are a file and a folder at once are refused", async () => {
    const id = store({ a: "file", "a/b": "below" });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message: /file and a folder/ });
    expect(filesOf(root())).toEqual({});
  });

  test("that differ in case are refused where the file system takes them for one", () => {
    for (const paths of [
      ["a/B", "a/b"],
      ["A/x", "a/y"],
      ["Dir/x", "dir"],
      ["é", "é".normalize("NFD")],
    ]) {
      expect(() => checkPaths(paths, "it", () => true), paths.join()).toThrow(/one name/);
      expect(() => checkPaths(paths, "it", () => false)).not.toThrow();
    }
    expect(() => checkPaths(["a/x", "a/y", "b"], "it", () => true)).not.toThrow();
  });

  test("do not lead through links that are in the folder", async () => {
    const outside = join(folder, "outside");
    mkdirSync(outside);
    mkdirSync(root());
    symlinkSync(outside, join(root(), "dir"));
    const id = store({ "dir/a.txt": "evil" });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message: /is a link/ });
    expect(readdirSync(outside)).toEqual([]);
  });

  test("replace a link in place of a file, and leave what it leads to", async () => {
    const victim = join(folder, "victim");
    writeFileSync(victim, "mine");
    mkdirSync(root());
    symlinkSync(victim, join(root(), "a.txt"));
    await download(store({ "a.txt": "hello" }));
    expect(readFileSync(victim, "utf8")).toBe("mine");
    expect(lstatSync(join(root(), "a.txt")).isSymbolicLink()).toBe(false);
    expect(readFileSync(join(root(), "a.txt"), "utf8")).toBe("hello");
  });
});

describe("a large file", () => {
  const content = randomBytes(5 * MIB + 12345);
  const match = { host: "storage", path: /big\.bin$/ } as const;
  const rangesAsked = () => stored().map(({ headers }) => headers.range);
  const isWhole = () => readFileSync(join(root(), "big.bin")).equals(content);

  /** The rest is asked for: from where the answer broke off, less what was still under way. */
  const expectGoesOn = (range: string | undefined, brokenOff: number): void => {
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1]);
    expect(from).toBeGreaterThan(0);
    expect(from).toBeLessThanOrEqual(brokenOff);
  };

  /** An answer that breaks off after so many bytes. */
  const breakingOff = (bytes: number) => ({
    kind: "reply" as const,
    reply(response: import("node:http").ServerResponse) {
      response.writeHead(200, { "Content-Length": content.length });
      response.write(content.subarray(0, bytes), () => setTimeout(() => response.destroy(), 20));
    },
  });

  test("that breaks off goes on where it was", async () => {
    const id = store({ "big.bin": content });
    server.faults.push({ match, action: breakingOff(3 * MIB) });
    await download(id);
    expect(isWhole()).toBe(true);
    const [whole, rest, ...more] = rangesAsked();
    expect([whole, more]).toEqual([undefined, []]);
    expectGoesOn(rest, 3 * MIB);
  });

  test("that was given up is gone on with by the next download", async () => {
    const id = store({ "big.bin": content });
    server.faults.push({ match, action: breakingOff(2 * MIB) });
    server.faults.push({ match, times: 3, action: { kind: "drop", when: "before" } });
    await expect(download(id)).rejects.toMatchObject({ code: "backend-failed", message: /big\.bin/ });
    expect(existsSync(join(root(), "big.bin"))).toBe(false);
    server.faults.length = 0;
    const before = stored().length;
    await download(id);
    expect(isWhole()).toBe(true);
    const [rest, ...more] = rangesAsked().slice(before);
    expect(more).toEqual([]);
    expectGoesOn(rest, 2 * MIB);
    expect(readdirSync(join(cache(), "artifacts", "tmp"))).toEqual([]);
  });

  test("begins again where the server knows no ranges", async () => {
    const id = store({ "big.bin": content });
    server.faults.push({ match, action: breakingOff(2 * MIB) });
    server.faults.push({ match, action: { kind: "reply", reply: (response) => response.end(content) } });
    await download(id);
    expect(isWhole()).toBe(true);
  });

  const rules = { parallelFrom: MIB, rangeSize: 2 * MIB, atOnce: 3 };

  test("is fetched in ranges side by side", async () => {
    await download(store({ "big.bin": content }), { rules });
    expect(isWhole()).toBe(true);
    expect(rangesAsked().sort()).toEqual([
      `bytes=0-${2 * MIB - 1}`,
      `bytes=${2 * MIB}-${4 * MIB - 1}`,
      `bytes=${4 * MIB}-${content.length - 1}`,
    ]);
  });

  test("is fetched whole where ranges were asked for and the server knows none", async () => {
    const id = store({ "big.bin": content });
    server.faults.push({
      match,
      times: 2,
      action: { kind: "reply", reply: (response) => response.end(content) },
    });
    await download(id, { rules });
    expect(isWhole()).toBe(true);
    expect(rangesAsked()).toEqual([`bytes=0-${2 * MIB - 1}`, undefined]);
  });

  test("of a process that was killed is gone on with, one of a living process is not touched", async () => {
    const parts = join(folder, "parts");
    const ended = spawnSync(process.execPath, ["-e", ""]).pid;
    const killed = await openPartFile(parts, "abc", content.length, content.length);
    await killed.append(0, [content.subarray(0, MIB)]);
    renameSync(killed.path, join(parts, `abc.${ended}-0000.part`));
    const living = await openPartFile(parts, "abc", content.length, content.length);
    expect(living.done(0)).toBe(MIB);
    const other = await openPartFile(parts, "abc", content.length, content.length);
    expect(other.done(0)).toBe(0);
    for (const file of [killed, living, other]) await file.discard();
    expect(readdirSync(parts)).toEqual([]);
  });
});

describe("references", () => {
  test("to files of other artifacts are followed", async () => {
    const first = storeArtifact(server.store, "base", { "dir/x.txt": "shared" });
    const ref = `wandb-artifact://${hexOfId(first.id)}/dir/x.txt`;
    const second = storeArtifact(server.store, "middle", {
      "y.txt": { digest: md5Of("shared"), size: 0, ref },
    });
    const again = `wandb-artifact://${hexOfId(second.id)}/y.txt`;
    await download(store({ "z.txt": { digest: md5Of("shared"), size: 0, ref: again } }));
    expect(filesOf(root())).toEqual({ "z.txt": "shared" });
  });

  test("that lead round, nowhere or to another content are refused", async () => {
    const first = storeArtifact(server.store, "base", { "x.txt": "shared" });
    const hex = hexOfId(first.id);
    for (const [ref, message] of [
      [`wandb-artifact://${hex}/none`, /lacks/],
      [`wandb-artifact://${hex}/x.txt`, /another digest/],
      ["wandb-artifact://zz/x.txt", /no address/],
    ] as const) {
      const id = storeArtifact(server.store, "refs", { a: { digest: md5Of("else"), ref } }).id;
      await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message });
    }
    const round = storeArtifact(server.store, "round", {});
    const ref = `wandb-artifact://${hexOfId(round.id)}/a`;
    const entry = { digest: "d", ref };
    const manifest = { version: 1, contents: { a: entry } };
    round.manifests.push({ ...round.manifests[0]!, blob: blobOf(JSON.stringify(manifest)) });
    await expect(download(round.id)).rejects.toMatchObject({ message: /without an end/ });
  });

  test("to pages are fetched without the key, and their ETag is checked", async () => {
    const seen: (string | undefined)[] = [];
    const pages = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { ETag: '"v1"' });
      response.end(`page ${request.url}`);
    });
    await new Promise<void>((done) => pages.listen(0, "127.0.0.1", done));
    onTestFinished(() => void pages.close());
    const address = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
    const one = `${address}/one`;
    const two = `${address}/two`;
    await download(store({ one: { digest: "v1", size: 9, ref: one }, two: { digest: two, ref: two } }));
    expect(filesOf(root())).toMatchObject({ one: "page /one", two: "page /two" });
    const changed = store({ one: { digest: "v0", size: 9, ref: `${one}?x` } });
    await expect(download(changed)).rejects.toMatchObject({
      code: "invalid-file",
      message: /has changed since.*v0.*v1/,
    });
    expect(seen.filter((key) => key !== undefined)).toEqual([]);
  });

  test("to pages of the API itself get no key either", async () => {
    const ref = `${server.url}/files/tester/p/r/secret.txt`;
    await expect(download(store({ a: { digest: ref, ref } }))).rejects.toMatchObject({
      code: "backend-failed",
    });
    const asked = server.requests.filter(({ path }) => path.includes("secret"));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ headers }) => headers.authorization)).toEqual([]);
  });

  test("to files of this machine are copied and checked", async () => {
    const path = join(folder, "local.txt");
    writeFileSync(path, "local");
    const ref = pathToFileURL(path).href;
    const checked = store({ a: { digest: md5Of("local"), size: 5, ref } });
    const unchecked = store({ b: { digest: md5Of(path), ref } });
    await download(checked);
    await download(unchecked);
    expect(filesOf(root())).toEqual({ a: "local", b: "local" });
    writeFileSync(path, "other");
    await expect(download(checked)).rejects.toMatchObject({ code: "invalid-file", message: /has changed/ });
    await download(unchecked);
    expect(filesOf(root())).toEqual({ a: "local", b: "other" });
  });

  test("into other stores are an error that says what to do, or left out", async () => {
    const id = store({ a: "here", b: { digest: "x", ref: "s3://bucket/key" } });
    await expect(download(id)).rejects.toMatchObject({
      code: "invalid-value",
      message: /s3:\/\/bucket\/key.*allowMissingReferences/,
    });
    expect(filesOf(root())).toEqual({});
    const result = await download(id, { allowMissingReferences: true });
    expect(result.missingReferences).toEqual(["s3://bucket/key"]);
    expect(filesOf(root())).toEqual({ a: "here" });
  });
});
