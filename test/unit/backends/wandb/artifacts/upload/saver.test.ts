import { createHash } from "node:crypto";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cachedPath } from "#backends/wandb/artifacts/cache.js";
import type { ArtifactProgress } from "#backends/wandb/artifacts/upload/progress.js";
import type { ArtifactRecord } from "#backends/wandb/records/record.js";
import { hexOfId } from "../../../../../support/wandb-server/ids.js";
import { openPlace, type Place } from "./place.js";

const md5 = (bytes: string | Buffer) => createHash("md5").update(bytes).digest("base64");

let place: Place;
beforeEach(async () => {
  place = await openPlace();
});

const variablesOf = (operation: string) =>
  place.server.requests
    .filter((request) => request.operation === operation)
    .map(({ variables }) => variables!);

describe("the requests of an upload are those of the official client 0.31", () => {
  // Taken from what the recording server recorded of `run.log_artifact` of wandb 0.31.0.
  it("in their order, with its variables", async () => {
    const artifact = place.artifact("ds", { metadata: { k: 1 }, description: "d" });
    artifact.newFile("a.txt", "hello");
    artifact.newFile("b/empty", "");
    artifact.addReference("https://example.com/x.csv", { name: "ref.csv" });
    artifact.ttl = 259_200;
    const record = place.record(artifact, { aliases: ["best", "latest"], tags: ["t1"] });
    const saved = await place.saver().save({ ...record, historyStep: 2 });

    const [version] = place.versions("ds");
    expect(saved).toEqual({
      id: version!.id,
      name: "ds",
      digest: record.digest,
      state: "COMMITTED",
      existed: false,
    });
    const requests = place.requests();
    expect(requests.slice(4, 6).sort()).toEqual(["PUT a.txt", "PUT empty"]);
    expect([...requests.slice(0, 4), ...requests.slice(6)]).toEqual([
      "CreateArtifact",
      "CreateArtifactManifest",
      "ServerFeaturesQuery",
      "CreateArtifactFiles",
      "CreateArtifactManifest",
      "PUT wandb_manifest.json",
      "CommitArtifact",
    ]);
    expect(variablesOf("CreateArtifact")).toEqual([
      {
        input: {
          aliases: [
            { alias: "best", artifactCollectionName: "ds" },
            { alias: "latest", artifactCollectionName: "ds" },
          ],
          artifactCollectionName: "ds",
          artifactCollectionNames: null,
          artifactTypeName: "dataset",
          clientID: artifact.clientId,
          clientMutationId: null,
          description: "d",
          digest: record.digest,
          digestAlgorithm: "MANIFEST_MD5",
          distributedID: null,
          enableDigestDeduplication: true,
          entityName: "team",
          historyStep: 2,
          labels: null,
          metadata: '{"k":1}',
          projectName: "vision",
          runName: "r1",
          sequenceClientID: artifact.sequenceClientId,
          storageRegion: null,
          tags: [{ attributes: null, tagCategoryName: null, tagName: "t1" }],
          ttlDurationSeconds: 259_200,
        },
      },
    ]);
    const manifest = version!.manifests[0]!;
    const manifestVariables = {
      artifactID: version!.id,
      baseArtifactID: null,
      name: "wandb_manifest.json",
      entityName: "team",
      projectName: "vision",
      runName: "r1",
      manifestType: "FULL",
    };
    expect(variablesOf("CreateArtifactManifest")).toEqual([
      { ...manifestVariables, digest: "", includeUpload: false },
      { ...manifestVariables, digest: md5(await manifest.blob!.read()), includeUpload: true },
    ]);
    const spec = {
      artifactID: version!.id,
      artifactManifestID: manifest.id,
      mimetype: null,
      uploadPartsInput: null,
    };
    expect(variablesOf("CreateArtifactFiles")).toEqual([
      {
        input: {
          artifactFiles: [
            { ...spec, digest: md5("hello"), md5: md5("hello"), name: "a.txt" },
            { ...spec, digest: md5(""), md5: md5(""), name: "b/empty" },
          ],
          clientMutationId: null,
          cloudRegionID: null,
          digestAlgorithm: "MANIFEST_MD5",
          storageLayout: "V2",
        },
      },
    ]);
    expect(JSON.parse((await manifest.blob!.read()).toString())).toEqual({
      version: 1,
      storagePolicy: "wandb-storage-policy-v1",
      storagePolicyConfig: { storageLayout: "V2" },
      contents: {
        "a.txt": { digest: md5("hello"), size: 5, birthArtifactID: version!.id },
        "b/empty": { digest: md5(""), size: 0, birthArtifactID: version!.id },
        "ref.csv": { digest: "https://example.com/x.csv", ref: "https://example.com/x.csv", size: 0 },
      },
    });
    expect((await version!.files.get("a.txt")!.read()).toString()).toBe("hello");
    expect(version!.aliases.get(version!.collection.id)).toEqual(new Set(["best", "latest"]));
    const put = place.server.requests.find(({ path }) => path.endsWith("/a.txt"))!;
    expect(put.headers).toMatchObject({ "content-length": "5", "content-type": "application/octet-stream" });
    expect(put.headers.authorization).toBeUndefined();
    expect(place.trouble).toEqual([]);
  });

  it("without what an older server does not know", async () => {
    place.server.store.features.clear();
    const artifact = place.artifact("ds");
    artifact.newFile("a.txt", "hello");
    await place.saver().save(place.record(artifact, { useAfterCommit: true }));
    const [{ input }] = variablesOf("CreateArtifactFiles") as [{ input: { [key: string]: unknown } }];
    expect(Object.keys(input).sort()).toEqual([
      "artifactFiles",
      "clientMutationId",
      "cloudRegionID",
      "storageLayout",
    ]);
    expect(variablesOf("CreateArtifactFiles")).toMatchObject([
      { input: { artifactFiles: [{ md5: md5("hello") }] } },
    ]);
    const [file] = input["artifactFiles"] as [object];
    expect(file).not.toHaveProperty("digest");
    expect(variablesOf("UseArtifact")).toEqual([
      {
        input: {
          artifactID: place.versions("ds")[0]!.id,
          clientMutationId: null,
          entityName: "team",
          projectName: "vision",
          runName: "r1",
          usedAs: null,
        },
      },
    ]);
  });
});

describe("versions", () => {
  it("the same content again is no new version, and needs no files any more", async () => {
    const artifact = place.artifact("ds");
    artifact.newFile("a.txt", "hello");
    const record = place.record(artifact);
    const first = await place.saver().save(record);
    expect(readdirSync(place.staging)).toEqual([]);
    const before = place.server.requests.length;
    const again = await place.saver().save(record);
    expect(again).toEqual({ ...first, existed: true });
    expect(place.requests().slice(before)).toEqual(["CreateArtifact"]);
    expect(place.versions("ds")).toHaveLength(1);
  });

  it("files the server has are not sent again, and keep the version they were born in", async () => {
    const one = place.artifact("ds");
    one.newFile("a.txt", "hello");
    await place.saver().save(place.record(one));
    const two = place.artifact("ds");
    two.newFile("a.txt", "hello");
    two.newFile("b.txt", "more");
    await place.saver().save(place.record(two));
    expect(place.requests().filter((request) => request.startsWith("PUT"))).toEqual([
      "PUT a.txt",
      "PUT wandb_manifest.json",
      "PUT b.txt",
      "PUT wandb_manifest.json",
    ]);
    const [first, second] = place.versions("ds");
    expect(second!.manifest!.contents).toMatchObject({
      "a.txt": { birthArtifactID: first!.id },
      "b.txt": { birthArtifactID: second!.id },
    });
    // The official client names the latest version as the base of a whole manifest, too.
    expect(variablesOf("CreateArtifactManifest").map((variables) => variables["baseArtifactID"])).toEqual([
      null,
      null,
      first!.id,
      first!.id,
    ]);
  });

  it("an incremental one has its own entries on top of the latest", async () => {
    const one = place.artifact("ds");
    one.newFile("a.txt", "hello");
    await place.saver().save(place.record(one));
    const two = place.artifact("ds", { incremental: true });
    two.newFile("b.txt", "more");
    await place.saver().save(place.record(two));
    const [first, second] = place.versions("ds");
    expect(Object.keys(second!.manifest!.contents).sort()).toEqual(["a.txt", "b.txt"]);
    expect(variablesOf("CreateArtifactManifest").at(-1)).toMatchObject({
      name: "wandb_manifest.incremental.json",
      manifestType: "INCREMENTAL",
      baseArtifactID: first!.id,
      digest: "",
    });
    expect(variablesOf("UpdateArtifactManifest")).toEqual([
      {
        artifactManifestID: second!.manifests[0]!.id,
        digest: md5(await second!.manifests[0]!.blob!.read()),
        baseArtifactID: null,
        includeUpload: true,
      },
    ]);
  });

  it("of several writers has what all of them wrote, once the last commits", async () => {
    const one = place.artifact("ds");
    one.newFile("a.txt", "hello");
    const first = await place.saver().save(place.record(one, { distributedId: "D", finalize: false }));
    expect(first.state).toBe("PENDING");
    expect(place.versions("ds")).toEqual([]);
    const two = place.artifact("ds");
    two.newFile("b.txt", "more");
    const second = await place.saver().save(place.record(two, { distributedId: "D" }));
    expect(second).toMatchObject({ id: first.id, state: "COMMITTED" });
    expect(Object.keys(place.versions("ds")[0]!.manifest!.contents).sort()).toEqual(["a.txt", "b.txt"]);
    expect(
      variablesOf("CreateArtifactManifest").map(({ name, manifestType }) => [name, manifestType]),
    ).toEqual([
      ["wandb_manifest.patch.json", "PATCH"],
      ["wandb_manifest.patch.json", "PATCH"],
    ]);
  });

  it("of one name come in the order of the calls, though the first is slow", async () => {
    place.server.faults.push({ match: { operation: "CreateArtifact" }, action: { kind: "delay", ms: 200 } });
    const saver = place.saver();
    const records = ["one", "two", "three"].map((content) => {
      const artifact = place.artifact("ds");
      artifact.newFile("a.txt", content);
      return place.record(artifact);
    });
    await Promise.all(records.map((record) => saver.save(record)));
    expect(place.versions("ds").map(({ digest }) => digest)).toEqual(records.map(({ digest }) => digest));
  });

  it("of other names do not wait", async () => {
    place.server.faults.push({
      match: { where: ({ variables }) => JSON.stringify(variables ?? "").includes('"slow"') },
      action: { kind: "delay", ms: 300 },
    });
    const saver = place.saver();
    const ended: string[] = [];
    await Promise.all(
      ["slow", "quick"].map(async (name) => {
        const artifact = place.artifact(name);
        artifact.newFile("a.txt", name);
        await saver.save(place.record(artifact));
        ended.push(name);
      }),
    );
    expect(ended).toEqual(["quick", "slow"]);
  });

  it("one that fails does not keep the next of its name", async () => {
    const saver = place.saver();
    const broken = place.artifact("ds");
    broken.newFile("a.txt", "one");
    const record = place.record(broken);
    const good = place.artifact("ds");
    good.newFile("a.txt", "two");
    const lost = {
      ...record,
      manifest: { ...record.manifest, contents: [{ ...record.manifest!.contents![0]!, localPath: "/gone" }] },
    };
    const results = await Promise.allSettled([saver.save(lost), saver.save(place.record(good))]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });

  it("are inputs of the run when they are to be used", async () => {
    const artifact = place.artifact("ds");
    artifact.newFile("a.txt", "hello");
    const record = { ...place.record(artifact, { useAfterCommit: true }), userCreated: true };
    await place.saver().save(record);
    expect(variablesOf("CreateArtifact")).toMatchObject([{ input: { runName: null } }]);
    expect(variablesOf("UseArtifact")).toMatchObject([
      { input: { artifactEntityName: "team", artifactProjectName: "vision" } },
    ]);
    const run = place.server.store.projects.get("team/vision")!.runs.get("r1")!;
    expect([...run.inputArtifacts]).toEqual([place.versions("ds")[0]!.id]);
  });
});

describe("references", () => {
  it("to an artifact that is being saved wait for it, and name it as the server does", async () => {
    place.server.faults.push({ match: { operation: "CreateArtifact" }, action: { kind: "delay", ms: 200 } });
    const saver = place.saver();
    const target = place.artifact("target");
    target.newFile("t.json", "{}");
    const record = place.record(target);
    const other = place.record(place.artifact("other"));
    const ref = `wandb-client-artifact://${target.clientId}/dir/t.json`;
    const referring: ArtifactRecord = {
      ...other,
      manifest: { ...other.manifest, contents: [{ path: "x.json", digest: md5("{}"), ref }] },
    };
    await Promise.all([saver.save(record), saver.save(referring)]);
    const id = hexOfId(place.versions("target")[0]!.id);
    expect(place.versions("other")[0]!.manifest!.contents).toEqual({
      "x.json": { digest: md5("{}"), ref: `wandb-artifact://${id}/dir/t.json`, size: 0 },
    });
  });

  it("to nothing the server knows are refused", async () => {
    const other = place.record(place.artifact("other"));
    const contents = [{ path: "x.json", digest: md5("{}"), ref: "wandb-client-artifact://unknown/t.json" }];
    const saving = place.saver().save({ ...other, manifest: { ...other.manifest, contents } });
    await expect(saving).rejects.toThrow(
      /Artifact "other": "x.json" refers to an artifact that is not on the server/,
    );
    expect(place.versions("other")).toEqual([]);
  });
});

describe("files", () => {
  const big = Buffer.alloc(1_000_000, "abcdefghijk");

  it("large ones go in parts, and arrive whole", async () => {
    const artifact = place.artifact("model");
    artifact.newFile("big.bin", big);
    artifact.newFile("small.bin", "small");
    await place.saver({ multipart: { threshold: 500_000, partSize: 300_000 } }).save(place.record(artifact));
    const [version] = place.versions("model");
    expect((await version!.files.get("big.bin")!.read()).equals(big)).toBe(true);
    const parts = [0, 1, 2, 3].map((n) => big.subarray(n * 300_000, (n + 1) * 300_000));
    expect(variablesOf("CreateArtifactFiles")).toMatchObject([
      {
        input: {
          artifactFiles: [
            {
              name: "big.bin",
              uploadPartsInput: parts.map((part, n) => ({
                partNumber: n + 1,
                hexMD5: createHash("md5").update(part).digest("hex"),
              })),
            },
            { name: "small.bin", uploadPartsInput: null },
          ],
        },
      },
    ]);
    const puts = place.server.requests.filter(({ path }) => path.includes("big.bin.part"));
    expect(puts.map(({ headers }) => [headers["content-md5"], headers["content-length"]]).sort()).toEqual(
      parts.map((part) => [md5(part), String(part.length)]).sort(),
    );
    expect(puts[0]!.headers["content-type"]).toBe("application/octet-stream");
    expect(variablesOf("CompleteMultipartUploadArtifact")).toEqual([
      {
        completeMultipartAction: "Complete",
        completedParts: parts.map((part, n) => ({
          partNumber: n + 1,
          hexMD5: `"${createHash("md5").update(part).digest("hex")}"`,
        })),
        artifactID: version!.id,
        storagePath: `artifacts/${version!.id}/big.bin`,
        uploadID: expect.any(String),
      },
    ]);
  });

  it("of a middle size are streamed and checked on the way", async () => {
    writeFileSync(join(place.root, "big.bin"), big);
    const artifact = place.artifact("model");
    artifact.addFile(join(place.root, "big.bin"));
    await place.saver().save(place.record(artifact));
    expect((await place.versions("model")[0]!.files.get("big.bin")!.read()).equals(big)).toBe(true);
  });

  it.each([
    ["small", Buffer.from("hello"), Buffer.from("jello"), undefined],
    ["streamed", big, Buffer.alloc(1_000_000, "x"), undefined],
    ["in parts", big, Buffer.alloc(1_000_000, "x"), { threshold: 500_000, partSize: 300_000 }],
    ["shorter", big, Buffer.alloc(10), undefined],
    ["longer", Buffer.from("hello"), big, undefined],
  ])(
    "that have changed are refused before they are on the server: %s",
    async (_, added, found, multipart) => {
      const path = join(place.root, "f.bin");
      writeFileSync(path, added);
      const record = withPath(path, added);
      writeFileSync(path, found);
      const saving = place.saver({ multipart }).save(record);
      await expect(saving).rejects.toMatchObject({
        code: "invalid-file",
        message: `Artifact "ds": the file of "f.bin", ${path}, has changed since it was added; put back what was added and sync again, or log the artifact anew`,
      });
      expect([...place.server.store.artifacts.values()].flatMap(({ files }) => [...files])).toEqual([]);
      expect(place.versions("ds")).toEqual([]);
      expect(readFileSync(path).equals(found)).toBe(true);
    },
  );

  it("that are gone are named; put back, they can be saved", async () => {
    const path = join(place.root, "f.bin");
    const record = withPath(path, Buffer.from("hello"));
    await expect(place.saver().save(record)).rejects.toMatchObject({
      code: "invalid-file",
      message: `Artifact "ds": the file of "f.bin" is not at ${path} any more; put it back and sync again`,
    });
    writeFileSync(path, "hello");
    await place.saver().save(record);
    expect(place.versions("ds")).toHaveLength(1);
  });

  it("that are gone come from the cache", async () => {
    const path = join(place.root, "f.bin");
    const kept = cachedPath(place.cache, md5("hello"), "MD5");
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(kept, "hello");
    await place.saver().save(withPath(path, Buffer.from("hello")));
    expect((await place.versions("ds")[0]!.files.get("f.bin")!.read()).toString()).toBe("hello");
  });

  it("staged ones move into the cache; those of the user stay, and the cache has a copy", async () => {
    const path = join(place.root, "own.bin");
    writeFileSync(path, "own");
    writeFileSync(join(place.root, "added.bin"), "added");
    const artifact = place.artifact("ds");
    artifact.addFile(join(place.root, "added.bin"));
    artifact.addFile(join(place.root, "added.bin"), { name: "again.bin", policy: "immutable" });
    artifact.newFile("new.bin", "new");
    const record = place.record(artifact);
    record.manifest!.contents!.push({ path: "own.bin", digest: md5("own"), size: 3, localPath: path });
    await place.saver().save(record);
    expect(readdirSync(place.staging)).toEqual([]);
    expect(readFileSync(path, "utf8")).toBe("own");
    expect(readFileSync(join(place.root, "added.bin"), "utf8")).toBe("added");
    const cached = (content: string) => cachedPath(place.cache, md5(content), "MD5");
    expect(readFileSync(cached("added"), "utf8")).toBe("added");
    expect(readFileSync(cached("own"), "utf8")).toBe("own");
    expect(existsSync(cached("new"))).toBe(false);
    // Whoever writes to a file of the user does not write to the cache.
    writeFileSync(path, "changed");
    writeFileSync(join(place.root, "added.bin"), "changed");
    expect(readFileSync(cached("own"), "utf8")).toBe("own");
    expect(readFileSync(cached("added"), "utf8")).toBe("added");
    expect(statSync(cached("own")).nlink).toBe(1);
    expect(readdirSync(join(place.cache, "artifacts", "tmp"))).toEqual([]);
  });

  it("an immutable one is no link into the cache", async () => {
    const path = join(place.root, "f.bin");
    writeFileSync(path, "hello");
    const artifact = place.artifact("ds");
    artifact.addFile(path, { policy: "immutable" });
    await place.saver().save(place.record(artifact));
    expect(statSync(path).nlink).toBe(1);
    expect(statSync(path).mode & 0o200).toBe(0o200);
    expect(readFileSync(cachedPath(place.cache, md5("hello"), "MD5"), "utf8")).toBe("hello");
  });

  it("a cache that leads elsewhere is left alone", async () => {
    const elsewhere = join(place.root, "elsewhere");
    mkdirSync(elsewhere);
    mkdirSync(join(place.cache, "artifacts"), { recursive: true });
    symlinkSync(elsewhere, join(place.cache, "artifacts", "obj"));
    const path = join(place.root, "f.bin");
    writeFileSync(path, "hello");
    await place.saver().save(withPath(path, Buffer.from("hello")));
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(place.trouble).toEqual([expect.stringContaining("is a link instead of a folder")]);
    expect(place.versions("ds")).toHaveLength(1);
  });

  it("a second name in the staging folder is removed, the user's own name of it stays", async () => {
    const path = join(place.root, "f.bin");
    writeFileSync(path, "hello");
    const staged = join(place.staging, "tmp1234");
    linkSync(path, staged);
    await place.saver().save(withPath(staged, Buffer.from("hello")));
    expect(existsSync(staged)).toBe(false);
    expect(readFileSync(path, "utf8")).toBe("hello");
  });

  it("a list of files beside the log is read, and gone afterwards", async () => {
    const record = withPath(join(place.root, "f.bin"), Buffer.from("hello"));
    writeFileSync(join(place.root, "f.bin"), "hello");
    const { gzipSync } = await import("node:zlib");
    const list = join(place.staging, "artifact_manifests", "1.manifest_contents.jl.gz");
    mkdirSync(join(list, ".."), { recursive: true });
    const [entry] = record.manifest!.contents!;
    const line = {
      path: "f.bin",
      digest: entry!.digest,
      size: 5,
      local_path: entry!.localPath,
      skip_cache: false,
    };
    const more = { path: "r", digest: "e", ref: "s3://b/k", size: 7, extra: { etag: "e", n: 1 } };
    writeFileSync(list, gzipSync(`${JSON.stringify(line)}\n${JSON.stringify(more)}\n`));
    const { contents: _, storagePolicyConfig: __, ...manifest } = record.manifest!;
    await place.saver().save({ ...record, manifest: { ...manifest, manifestFilePath: list } });
    expect(place.versions("ds")[0]!.manifest!.contents).toEqual({
      "f.bin": { digest: md5("hello"), size: 5, birthArtifactID: place.versions("ds")[0]!.id },
      r: { digest: "e", ref: "s3://b/k", size: 7, extra: { etag: "e", n: 1 } },
    });
    expect(place.versions("ds")[0]!.manifest!.storagePolicyConfig).toEqual({ storageLayout: "V2" });
    expect(existsSync(list)).toBe(false);
  });

  it("many are asked for in batches, and told about", async () => {
    const artifact = place.artifact("many");
    for (let i = 0; i < 700; i++) artifact.newFile(`f${i}`, `content ${i % 50}`);
    const told: ArtifactProgress[] = [];
    await place.saver({ onProgress: (progress) => told.push(progress) }).save(place.record(artifact));
    const sizes = variablesOf("CreateArtifactFiles").map(
      ({ input }) => (input as { artifactFiles: unknown[] }).artifactFiles.length,
    );
    expect(sizes[0]).toBe(25);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(700);
    expect(sizes.length).toBeLessThan(20);
    expect(Object.keys(place.versions("many")[0]!.manifest!.contents)).toHaveLength(700);
    const bytes = artifact.size;
    expect(told.at(-1)).toEqual({ artifact: "many", filesDone: 700, files: 700, bytesDone: bytes, bytes });
    expect(told.length).toBeLessThan(20);
  });
});

/** The record of an artifact with one file that is nobody's copy. */
function withPath(path: string, bytes: Buffer): ArtifactRecord {
  const record = place.record(place.artifact("ds"));
  const entry = { path: "f.bin", digest: md5(bytes), size: bytes.length, localPath: path };
  return {
    ...record,
    digest: createHash("md5").update(entry.digest).digest("hex"),
    manifest: { ...record.manifest, contents: [entry] },
  };
}
