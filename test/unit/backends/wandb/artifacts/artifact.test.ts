import { spawnSync } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Artifact } from "#backends/wandb/artifacts/artifact.js";
import { inPathOrder, safeArtifactName } from "#backends/wandb/artifacts/digests/digest.js";
import { type ArtifactLogging, artifactRecord } from "#backends/wandb/artifacts/manifest.js";
import { checkAliases, checkArtifactTags, checkEntryPath } from "#backends/wandb/artifacts/rules.js";
import { dataFolder, stagingFolder } from "#backends/wandb/artifacts/staging.js";
import type { ArtifactRecord } from "#backends/wandb/records/record.js";
import { officialLog } from "../fixtures/official-log.js";

let root: string;
let staging: string;
let adir: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "wandb-artifact-"));
  staging = stagingFolder({ WANDB_DATA_DIR: join(root, "data") });
  adir = join(root, "adir");
  mkdirSync(join(adir, "sub"), { recursive: true });
  writeFileSync(join(adir, "a.txt"), "a");
  writeFileSync(join(adir, "sub", "b.txt"), "bb");
  writeFileSync(join(adir, "empty"), "");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const run = { id: "artid", project: "p", entity: "e" };
const logged = (artifact: Artifact, logging: Partial<ArtifactLogging> = {}): ArtifactRecord =>
  artifactRecord(artifact.toPlan(), { run, aliases: checkAliases([]), ...logging }, staging);

/** A record without what is random or a place of this machine. */
function comparable(record: ArtifactRecord): unknown {
  const contents = record.manifest!.contents?.map((entry) => ({
    ...entry,
    ...(entry.localPath === undefined ? {} : { localPath: "staged" }),
    ...(entry.ref === undefined ? {} : { ref: entry.ref.replace(/^file:\/\/.*\/adir/, "file:///adir") }),
  }));
  return {
    ...record,
    clientId: record.clientId!.length,
    sequenceClientId: record.sequenceClientId!.length,
    manifest: { ...record.manifest, ...(contents ? { contents } : {}) },
  };
}

describe("artifacts as the official client logs them (artifacts.py)", () => {
  const official = officialLog("artifacts").flatMap(({ artifact }) => (artifact ? [artifact] : []));

  it("files, folders, new files, references, metadata, ttl, aliases and tags", () => {
    const artifact = new Artifact("model-1.0_x", {
      type: "model",
      description: "d",
      metadata: { acc: 0.5, n: 1, nan: Number.NaN, nested: { l: [1, null, "é"] } },
      staging,
    });
    artifact.addDir(adir);
    artifact.addDir(adir, { name: "copy/" });
    artifact.addFile(join(adir, "a.txt"), { name: "renamed/x.txt" });
    artifact.newFile("new/hello.txt", "hello");
    artifact.addReference("weird://host/x", { name: "w" });
    artifact.addReference(pathToFileURL(join(adir, "a.txt")).href, { name: "localref.txt" });
    artifact.addReference(pathToFileURL(adir).href, { name: "refdir" });
    artifact.addReference("https://example.invalid/file.bin?x=1", { checksum: false });
    for (const name of ["\u{1f600}.txt", "\uffee.txt", "Z.txt"])
      artifact.addFile(join(adir, "a.txt"), { name });
    artifact.ttl = 2 * 24 * 3600;
    const record = logged(artifact, {
      aliases: checkAliases(["best", "v-1"]),
      tags: checkArtifactTags(["one two", "x-y_z"]),
    });
    const expected = { ...official[0]!, metadata: official[0]!.metadata!.replace('"n":1.0', '"n":1') };
    expect(comparable(record)).toEqual(comparable(expected));
    expect(artifact.digest).toBe(official[0]!.digest);
  });

  it("a folder of another type, an empty one, one that others finish", () => {
    const folder = new Artifact("dirart", { type: "dataset", staging });
    folder.addDir(adir);
    expect(comparable(logged(folder, { tags: ["t"] }))).toEqual(comparable(official[2]!));
    const empty = new Artifact("empty", { type: "dataset", staging });
    expect(comparable(logged(empty))).toEqual(comparable(official[3]!));
    const shared = new Artifact("dist", { type: "dataset", staging });
    shared.addFile(join(adir, "a.txt"));
    expect(comparable(logged(shared, { distributedId: "dd", finalize: false }))).toEqual(
      comparable(official[4]!),
    );
  });
});

describe("Artifact", () => {
  const artifact = (): Artifact => new Artifact("x", { type: "dataset", staging });

  it("keeps files as they were when they were added, whatever happens to them", () => {
    const path = join(adir, "a.txt");
    const kept = artifact();
    kept.addFile(path);
    writeFileSync(path, "changed");
    rmSync(path);
    const entry = logged(kept).manifest!.contents![0]!;
    expect(readFileSync(entry.localPath!, "utf8")).toBe("a");
    expect(statSync(entry.localPath!).mode & 0o222).toBe(0);
    expect(entry.digest).toBe("DMF1ucDxtqgxw5niaXcmYQ==");
  });

  it("links files that stay as they are", () => {
    const kept = artifact();
    kept.addFile(join(adir, "a.txt"), { policy: "immutable" });
    expect(statSync(logged(kept).manifest!.contents![0]!.localPath!).ino).toBe(
      statSync(join(adir, "a.txt")).ino,
    );
  });

  it("takes the same content twice and refuses another one", () => {
    const kept = artifact();
    kept.newFile("a", "1");
    kept.newFile("a", "1");
    expect(() => kept.newFile("a", "2")).toThrow(/"a" is in "x" already.*overwrite/);
    expect(readdirSync(staging)).toHaveLength(1);
    kept.newFile("a", "2", { overwrite: true });
    expect(logged(kept).manifest!.contents![0]!.size).toBe(1);
    expect(kept.paths).toEqual(["a"]);
  });

  it("follows links, but not in circles", () => {
    symlinkSync(adir, join(adir, "sub", "up"));
    symlinkSync(join(adir, "sub"), join(adir, "link"));
    linkSync(join(adir, "a.txt"), join(adir, "hard.txt"));
    const kept = artifact();
    expect(kept.addDir(adir).sort()).toEqual(["a.txt", "empty", "hard.txt", "link/b.txt", "sub/b.txt"]);
  });

  it("leaves nothing of a folder out in silence: a link to nothing, a name that is no text", () => {
    symlinkSync(join(adir, "nothing"), join(adir, "dangling"));
    expect(() => artifact().addDir(adir)).toThrow(/"[^"]*dangling" is no file that can be read/);
    rmSync(join(adir, "dangling"));
    if (process.platform !== "linux") return;
    const odd = Buffer.concat([Buffer.from(join(adir, "odd-")), Buffer.of(0xff)]);
    writeFileSync(odd, "x");
    expect(() => artifact().addDir(adir)).toThrow(/odd-.*is no file that can be read/);
    rmSync(odd);
  });

  it("refuses, when it is logged, what is a file and a folder at once: nobody could download it", () => {
    const kept = artifact();
    kept.newFile("a/b", "1");
    kept.newFile("a", "2");
    expect(() => kept.finalPlan()).toThrow(/"a" is a file and, for "a\/b", a folder/);
    kept.remove("a");
    expect(kept.paths).toEqual(["a/b"]);
  });

  it("leaves no half copy where the disk is full", () => {
    // As a full disk does: the copy cannot be finished.
    const full = spawnSync(
      "/bin/sh",
      ["-c", 'ulimit -f 1; exec "$0" --input-type=module -e "$1"', process.execPath, LIMITED],
      { encoding: "utf8", env: { ...process.env, STAGING: staging, MODULE } },
    );
    expect(full.stdout).toMatch(/^backend-failed: Cannot keep a file of an artifact.*EFBIG.*WANDB_DATA_DIR/);
    expect(readdirSync(staging)).toEqual([]);
  });

  it("removes entries and folders, with their copies", () => {
    const kept = artifact();
    kept.addDir(adir);
    kept.remove("sub");
    kept.remove("empty");
    expect(kept.paths).toEqual(["a.txt"]);
    expect(readdirSync(staging)).toHaveLength(1);
    expect(() => kept.remove("sub")).toThrow(/no entry "sub"/);
  });

  it("makes the digest of a local reference depend on the path alone without a checksum", () => {
    const kept = artifact();
    const [path] = kept.addReference(pathToFileURL(join(adir, "a.txt")).href, { checksum: false });
    const entry = logged(kept).manifest!.contents!.find((one) => one.path === path)!;
    expect(entry.digest).not.toBe("DMF1ucDxtqgxw5niaXcmYQ==");
    expect(Buffer.from(entry.digest!, "base64")).toHaveLength(16);
  });

  it("writes -1 and -2 for a time to live that is inherited or off", () => {
    const kept = artifact();
    expect(logged(kept)).not.toHaveProperty("ttlDurationSeconds");
    kept.ttl = "inherit";
    expect(logged(kept).ttlDurationSeconds).toBe(-1);
    kept.ttl = null;
    expect(logged(kept).ttlDurationSeconds).toBe(-2);
    expect(() => {
      kept.ttl = 0;
    }).toThrow(/above 0/);
  });

  it("puts a very long manifest into a file", () => {
    const kept = artifact();
    kept.addDir(adir);
    kept.addReference("s3://b/k", { digest: "etag", size: 7 });
    const plan = kept.toPlan();
    const record = artifactRecord(plan, { run, aliases: [] }, staging, 3);
    expect(record.manifest).toEqual({
      version: 1,
      storagePolicy: "wandb-storage-policy-v1",
      manifestFilePath: record.manifest!.manifestFilePath,
    });
    expect(record.digest).toBe(kept.digest);
    const lines = gunzipSync(readFileSync(record.manifest!.manifestFilePath!)).toString().trim().split("\n");
    expect(lines.map((line) => JSON.parse(line).path)).toEqual(["a.txt", "empty", "k", "sub/b.txt"]);
    expect(JSON.parse(lines[2]!)).toEqual({ path: "k", digest: "etag", ref: "s3://b/k", size: 7 });
    expect(JSON.parse(lines[0]!).local_path).toContain(staging);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      "name",
      () => new Artifact("a/b", { type: "t" }),
      /name has letters from a to z, digits, "-", "_" and "\." only; got "a\/b"/,
    ],
    ["name with a space", () => new Artifact("my model", { type: "t" }), /letters from a to z.*"my model"/],
    ["empty name", () => new Artifact("", { type: "t" }), /this one has 0/],
    ["long name", () => new Artifact("n".repeat(129), { type: "t" }), /this one has 129/],
    ["type", () => new Artifact("a", { type: "t:x" }), /type has/],
    ["reserved type", () => new Artifact("a", { type: "wandb-x" }), /W&B's own/],
    ["reserved name", () => new Artifact("run-1", { type: "run_table" }), /names from "run-"/],
    ["job", () => new Artifact("a", { type: "job" }), /W&B's own/],
    [
      "infinity",
      () => new Artifact("a", { type: "t", metadata: { a: [Number.POSITIVE_INFINITY] } }),
      /Infinity.*metadata\.a\[0\]/,
    ],
    [
      "metadata keys",
      () =>
        new Artifact("a", {
          type: "t",
          metadata: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, i])),
        }),
      /at most 100 keys, got 101/,
    ],
    ["alias", () => checkAliases(["a:b"]), /alias has/],
    ["tag", () => checkArtifactTags(["a,b"]), /tag has/],
    ["absolute path", () => checkEntryPath("/etc/passwd"), /relative/],
    ["path that leads out", () => checkEntryPath("a/../../b"), /without "\.\."/],
    ["Windows path", () => checkEntryPath("a\\..\\b"), /without "\.\."/],
    ["NUL", () => checkEntryPath("a\0b"), /without NUL/],
    ["half a character", () => checkEntryPath("a\ud800"), /Unicode text/],
    ["drive", () => checkEntryPath("C:/x"), /relative/],
    ["no file", () => artifact().addFile("/nonexistent"), /not a file/],
    ["no folder", () => artifact().addDir("/nonexistent"), /not a folder/],
    ["no URI", () => artifact().addReference("data.csv"), /is a URI/],
    ["nameless reference", () => artifact().addReference("ftp://h/x"), /needs a name/],
  ])("refuses with the rule: %s", (_, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: "invalid-value" }));
  });
});

describe("names and places", () => {
  it("orders paths by code point", () => {
    const paths = ["\u{1f600}", "\uffee", "b", "a/b", "a", "Z", "a-b"];
    // Python: sorted(["\U0001f600", "\uffee", "b", "a/b", "a", "Z", "a-b"])
    expect(inPathOrder(paths.map((path) => ({ path }))).map(({ path }) => path)).toEqual([
      "Z",
      "a",
      "a-b",
      "a/b",
      "b",
      "\uffee",
      "\u{1f600}",
    ]);
  });

  it("makes names safe as the official client", () => {
    // Python: sanitize_artifact_name(...) of wandb.sdk.artifacts._internal_artifact, 0.31.0.
    expect(safeArtifactName("run-abc-table")).toBe("run-abc-table");
    expect(safeArtifactName("run-abc-my table/é")).toBe(SANITIZED);
  });

  it("finds the folder of local data", () => {
    expect(dataFolder({ WANDB_DATA_DIR: "/d" })).toBe("/d");
    if (process.platform === "linux") expect(dataFolder({ XDG_DATA_HOME: "/x" })).toBe("/x/wandb");
  });
});

const MODULE = new URL("../../../../../dist/backends/wandb/artifacts/artifact.js", import.meta.url).href;
const LIMITED = `
  process.on("SIGXFSZ", () => {});
  const { Artifact } = await import(process.env.MODULE);
  const artifact = new Artifact("x", { type: "t", staging: process.env.STAGING });
  try { artifact.newFile("a", "x".repeat(1e6)); } catch (error) { console.log(error.code + ": " + error.message); }
`;

const SANITIZED = "run-abc-mytable-C3k2dw";
