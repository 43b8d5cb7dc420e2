import { existsSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Artifact } from "#backends/wandb/artifacts/artifact.js";
import { cachedPath } from "#backends/wandb/artifacts/cache.js";
import { downloadArtifact } from "#backends/wandb/artifacts/download/download-artifact.js";
import { type ArtifactLogging, artifactRecord, withDigests } from "#backends/wandb/artifacts/manifest.js";
import { storeArtifact } from "../../../../support/wandb-server/stored-artifact.js";
import { openPlace, type Place } from "./upload/place.js";

// Digests and requests are those of the official client 0.31.0 for the same files, recorded at the recording server.
const FILES = [
  { name: "a.txt", content: "alpha", xxh128: "PaVuwI3l2pOvkqH4XlLRRg==", md5: "LBdDo5EwX782ffjk8Gn5+Q==" },
  {
    name: "b.bin",
    content: Buffer.alloc(
      256_000,
      Uint8Array.from({ length: 256 }, (_, i) => i),
    ),
    xxh128: "VIUS2YmJ3i13ZHTDnSD5qg==",
    md5: "HacIp14lEQsTQdFoFP61LQ==",
  },
  { name: "empty", content: "", xxh128: "maoG0wFHmNhgAcMkRo1Jfw==", md5: "1B2M2Y8AsgTpgAmY7PhCfg==" },
  { name: "n.txt", content: "hello", xxh128: "tenBrQcbPn/Hec+qXlI4GA==", md5: "XUFAKrxLKna5cZ2REBfFkg==" },
];
const XXH128_OF_ALL = "26dad4528f1ad6d42d5011a98c067c6f";
const MD5_OF_ALL = "6c1533954b0eb21b56c791f1d6a33962";

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});

function artifactOf(names = FILES.map(({ name }) => name)): Artifact {
  const artifact = place.artifact("ds", { digestAlgorithm: "XXH128" });
  for (const { name, content } of FILES) {
    if (!names.includes(name)) continue;
    writeFileSync(join(place.root, name), content);
    artifact.addFile(join(place.root, name));
  }
  return artifact;
}

async function recordOf(artifact: Artifact, logging: Partial<ArtifactLogging> = {}) {
  const run = { id: "r1", project: "vision", entity: "team" };
  return artifactRecord(
    await withDigests(artifact.toPlan()),
    { run, aliases: ["latest"], ...logging },
    place.staging,
  );
}

const inputOf = (operation: string) =>
  place.server.requests.find((request) => request.operation === operation)?.variables?.["input"] as {
    readonly [name: string]: unknown;
  };

describe("an artifact", () => {
  test("has the digest that the official client gives it, from a running thread too", async () => {
    const artifact = artifactOf();
    expect(artifact.digest).toBe(XXH128_OF_ALL);
    const record = await recordOf(artifact);
    expect(record).toMatchObject({ digest: XXH128_OF_ALL, digestAlgorithm: "MANIFEST_XXH128" });
    expect(record.manifest!.contents!.map(({ path, digest, extra }) => [path, digest, extra])).toEqual(
      FILES.map(({ name, xxh128 }) => [name, xxh128, [{ key: "alg", valueJson: '"XXH128"' }]]),
    );
  });

  test("has references with the digests they have anyway", async () => {
    const artifact = artifactOf(["a.txt"]);
    artifact.addReference(`file://${place.root}/a.txt`, { name: "local" });
    artifact.addReference("https://example.com/x");
    const { contents } = (await recordOf(artifact)).manifest!;
    expect(contents!.map(({ path, digest, extra }) => [path, digest, extra?.length])).toEqual([
      ["a.txt", FILES[0]!.xxh128, 1],
      ["local", FILES[0]!.md5, undefined],
      ["x", "https://example.com/x", undefined],
    ]);
  });

  test("of an algorithm that nobody knows is refused", () => {
    expect(() => place.artifact("ds", { digestAlgorithm: "SHA1" as "MD5" })).toThrow(/MD5, XXH128.*SHA1/);
  });

  test("says where it is when its files are gone", async () => {
    const artifact = artifactOf(["a.txt"]);
    await place.saver().save(await recordOf(artifact));
    expect(() => artifact.digest).toThrow(/on its way/);
  });
});

describe("an upload", () => {
  test("names both digests of each file, and keeps them in the cache by the official client's name", async () => {
    const saved = await place.saver().save(await recordOf(artifactOf()));
    expect(saved).toMatchObject({ digest: XXH128_OF_ALL, state: "COMMITTED" });
    expect(place.requests().filter((name) => !/^PUT/.test(name))).toEqual([
      "ServerFeaturesQuery",
      "XXHashDigestsEnabled",
      "FetchArtifactDigestAlgorithm",
      "CreateArtifact",
      "CreateArtifactManifest",
      "CreateArtifactFiles",
      "CreateArtifactManifest",
      "CommitArtifact",
    ]);
    expect(inputOf("CreateArtifact")).toMatchObject({
      digest: XXH128_OF_ALL,
      digestAlgorithm: "MANIFEST_XXH128",
    });
    const { artifactFiles, digestAlgorithm } = inputOf("CreateArtifactFiles");
    expect(digestAlgorithm).toBe("MANIFEST_XXH128");
    expect(artifactFiles).toMatchObject(
      FILES.map(({ name, xxh128, md5 }) => ({ name, digest: xxh128, md5 })),
    );
    const [version] = place.versions("ds");
    expect(version!.manifest!.contents["n.txt"]).toMatchObject({
      digest: FILES[3]!.xxh128,
      extra: { alg: "XXH128" },
    });
    expect(
      readFileSync(join(place.cache, "artifacts/obj/xxh128/b5/e9c1ad071b3e7fc779cfaa5e523818"), "utf8"),
    ).toBe("hello");
  });

  test("of the same content again makes no second version", async () => {
    await place.saver().save(await recordOf(artifactOf()));
    const again = await place.saver().save(await recordOf(artifactOf()));
    expect(again.existed).toBe(true);
    expect(place.versions("ds").length).toBe(1);
  });

  test.each([
    ["does not know the feature", () => place.server.store.features.delete("ARTIFACT_DIGEST_ALGORITHM")],
    [
      "does not know the question",
      () => {
        const body =
          '{"errors":[{"message":"Cannot query field \\"xxhashDigestsEnabled\\" on type \\"Entity\\"."}]}';
        const action = { kind: "status", status: 400, body } as const;
        place.server.faults.push({ match: { operation: "XXHashDigestsEnabled" }, action });
      },
    ],
    ["has it switched off", () => Object.assign(place.server.store, { xxhashDigests: false })],
    [
      "has versions with MD5 in the collection",
      async () => {
        const artifact = place.artifact("ds");
        artifact.newFile("other", "other");
        await place.saver().save(place.record(artifact));
      },
    ],
  ])("to a server that %s has MD5", async (_what, prepare) => {
    await prepare();
    place.server.requests.length = 0;
    const saved = await place.saver().save(await recordOf(artifactOf()));
    expect(saved.digest).toBe(MD5_OF_ALL);
    expect(inputOf("CreateArtifact")).toMatchObject({ digest: MD5_OF_ALL, digestAlgorithm: "MANIFEST_MD5" });
    const version = place.versions("ds").at(-1)!;
    expect(
      Object.entries(version.manifest!.contents).map(([path, { digest, extra }]) => [path, digest, extra]),
    ).toEqual(FILES.map(({ name, md5 }) => [name, md5, undefined]));
  });

  test("of a long list of files goes the same ways", async () => {
    place.server.store.xxhashDigests = false;
    const run = { id: "r1", project: "vision", entity: "team" };
    const plan = await withDigests(artifactOf().toPlan());
    const record = artifactRecord(plan, { run, aliases: [] }, place.staging, 1);
    const list = record.manifest!.manifestFilePath!;
    expect(existsSync(list)).toBe(true);
    expect((await place.saver().save(record)).digest).toBe(MD5_OF_ALL);
    expect(existsSync(list)).toBe(false);
  });

  test("of a file that has changed is refused", async () => {
    const artifact = place.artifact("ds", { digestAlgorithm: "XXH128" });
    const path = join(place.root, "a.txt");
    writeFileSync(path, "alpha");
    artifact.addFile(path, { policy: "immutable" });
    const record = await recordOf(artifact);
    writeFileSync(path, "ALPHA");
    await expect(place.saver().save(record)).rejects.toMatchObject({
      code: "invalid-file",
      message: /"a\.txt".*has changed/,
    });
    expect(place.versions("ds")).toEqual([]);
  });

  test("in parts names the MD5 of the parts only", async () => {
    const artifact = place.artifact("ds", { digestAlgorithm: "XXH128" });
    const path = join(place.root, "zeros");
    writeFileSync(path, "");
    truncateSync(path, 5_000_000);
    artifact.addFile(path);
    const multipart = { threshold: 4_000_000, partSize: 2_000_000 };
    await place.saver({ multipart }).save(await recordOf(artifact));
    const [file] = inputOf("CreateArtifactFiles")["artifactFiles"] as [{ [name: string]: unknown }];
    expect(file["md5"]).toBe("");
    expect(file["uploadPartsInput"]).toHaveLength(3);
    expect(place.versions("ds")[0]!.files.get("zeros")!.size).toBe(5_000_000);
  });
});

describe("a download", () => {
  const download = (id: string, root = "root") =>
    downloadArtifact(place.connection, {
      artifact: { id },
      root: join(place.root, root),
      environment: { WANDB_CACHE_DIR: place.cache },
    });

  const entryOf = ({ xxh128, content }: (typeof FILES)[number], size = Buffer.byteLength(content)) => ({
    digest: xxh128,
    size,
    content,
    extra: { alg: "XXH128" },
  });

  test("is checked, and kept in the cache by the official client's name", async () => {
    const entries = Object.fromEntries(FILES.map((file) => [file.name, entryOf(file)]));
    await download(storeArtifact(place.server.store, "ds", entries).id);
    for (const { name, content, xxh128 } of FILES) {
      expect(readFileSync(join(place.root, "root", name)).equals(Buffer.from(content as string)), name).toBe(
        true,
      );
      expect(existsSync(cachedPath(place.cache, xxh128, "XXH128"))).toBe(true);
    }
    const before = place.server.requests.length;
    writeFileSync(join(place.root, "root", "n.txt"), "HELLO");
    await download(storeArtifact(place.server.store, "again", entries).id);
    expect(readFileSync(join(place.root, "root", "n.txt"), "utf8")).toBe("hello");
    expect(place.server.requests.slice(before).filter(({ path }) => /n\.txt$/.test(path))).toEqual([]);
  });

  test("of a large file is checked while it arrives", async () => {
    const content = Buffer.alloc(3 << 20, "tracelet");
    const entry = {
      digest: "W8O+MI4xKKEfesQEfEBJRg==",
      size: content.length,
      content,
      extra: { alg: "XXH128" },
    };
    await download(storeArtifact(place.server.store, "ds", { large: entry }).id);
    expect(readFileSync(join(place.root, "root", "large")).equals(content)).toBe(true);
  });

  test.each([5, 2 << 20])("of another content is refused: %i bytes", async (size) => {
    const content = Buffer.alloc(size, "x");
    const entry = entryOf({ ...FILES[3]!, content: content as never }, size);
    const { id } = storeArtifact(place.server.store, "ds", { "n.txt": entry });
    await expect(download(id)).rejects.toMatchObject({ code: "invalid-file", message: /digest.*twice/ });
    expect(existsSync(join(place.root, "root", "n.txt"))).toBe(false);
  });
});
