import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { saveScript, savesCode } from "#backends/wandb/around/code-saving.js";
import { saveDiffs } from "#backends/wandb/around/git-diff.js";
import { findScript } from "#backends/wandb/around/script-path.js";
import { addSecret } from "#src/collectors/secrets.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { git, officialRecords, officialRepository } from "./official-run.js";

/** Of the official client, for the repository of `officialRepository`. */
const LOCAL = `diff --git a/tracked.txt b/tracked.txt
index 814f4a4..4cb29ea 100644
--- a/tracked.txt
+++ b/tracked.txt
@@ -1,2 +1,3 @@
 one
 two
+three
`;
const AGAINST_UPSTREAM = `diff --git a/tracked.txt b/tracked.txt
index 5626abf..4cb29ea 100644
--- a/tracked.txt
+++ b/tracked.txt
@@ -1 +1,3 @@
 one
+two
+three
`;

describe("saveDiffs", () => {
  it("writes the patches that the official client writes", async () => {
    const { cwd, filesDir, first } = officialRepository();
    const { record, problems } = await saveDiffs(cwd, filesDir);
    expect(problems).toEqual([]);
    expect(readFileSync(join(filesDir, "diff.patch"), "utf8")).toBe(LOCAL);
    expect(readFileSync(join(filesDir, `diff_${first}.patch`), "utf8")).toBe(AGAINST_UPSTREAM);
    expect(record).toEqual({
      files: [
        { path: "diff.patch", policy: "NOW", type: "WANDB" },
        { path: `diff_${first}.patch`, policy: "NOW", type: "WANDB" },
      ],
    });
    const official = officialRecords("files").find(({ files }) => files?.[0]?.path === "diff.patch");
    expect(official!.files!.map(({ path, type }) => [path.replace(/_[0-9a-f]{40}/, ""), type])).toEqual([
      ["diff.patch", "WANDB"],
      ["diff.patch", "WANDB"],
    ]);
  });

  it("writes none for a clean tree, only the first with a detached HEAD, none without a commit or a repository", async () => {
    const { root, filesDir, cwd } = officialRepository();
    git(root, "checkout", "-q", "--detach");
    expect((await saveDiffs(cwd, filesDir)).record?.files?.map(({ path }) => path)).toEqual(["diff.patch"]);
    git(root, "checkout", "-q", "-f", "main");
    git(root, "push", "-q");
    expect(await saveDiffs(cwd, filesDir)).toEqual({ problems: [] });
    const empty = tempDir();
    expect(await saveDiffs(empty, empty)).toEqual({ problems: [] });
    git(empty, "init", "-q");
    expect(await saveDiffs(empty, empty)).toEqual({ problems: [] });
    expect(readdirSync(empty)).toEqual([".git"]);
  });

  it("leaves out a patch that is too large, and says so", async () => {
    const { cwd, filesDir } = officialRepository();
    const { record, problems } = await saveDiffs(cwd, filesDir, { maxBytes: 100 });
    expect(record).toBeUndefined();
    expect(problems).toEqual(["diff.patch is not saved: it has more than 100 bytes"]);
    expect(readdirSync(filesDir)).toEqual([]);
  });

  it("gives git no more than its time", async () => {
    const { cwd, filesDir, root } = officialRepository();
    git(root, "config", "filter.slow.clean", "sleep 5");
    writeFileSync(join(root, ".gitattributes"), "tracked.txt filter=slow\n");
    const { problems } = await saveDiffs(cwd, filesDir, { timeoutMs: 300 });
    expect(problems).toEqual(["diff.patch is not saved: git took more than 300 ms"]);
  });

  it("masks secrets and keeps every other byte", async () => {
    const { root, cwd, filesDir } = officialRepository();
    addSecret("0123456789abcdef0123456789abcdef01234567");
    writeFileSync(
      join(root, "tracked.txt"),
      Buffer.from(
        "one\ntwo\nkey = 0123456789abcdef0123456789abcdef01234567\npassword = readPassword()\n\xe9\xff\nhttps://me:hunter2x@host.example/\n",
        "latin1",
      ),
    );
    await saveDiffs(cwd, filesDir);
    const patch = readFileSync(join(filesDir, "diff.patch"), "latin1");
    expect(patch).toContain(
      "+key = ***\n+password = readPassword()\n+\xe9\xff\n+https://***@host.example/\n",
    );
  });
});

describe("saveScript", () => {
  it("keeps the script under the name that the official client gives it", () => {
    const { root, cwd, filesDir } = officialRepository();
    const saved = saveScript(findScript("train.py", cwd, root)!, root, filesDir);
    expect(readFileSync(join(filesDir, "code", "sub", "train.py"), "utf8")).toBe("print()\n");
    expect(saved).toEqual({
      record: { files: [{ path: "code/sub/train.py", policy: "NOW", type: "WANDB" }] },
      codePath: "code/sub/train.py",
    });
    expect(officialRecords("files")[0]).toEqual({ files: [{ path: "code/sub/train.py", type: "WANDB" }] });
    expect(officialRecords("run")[0]!.config!.update).toContainEqual({
      key: "_wandb",
      valueJson: '{"code_path":"code/sub/train.py"}',
    });
  });

  it("keeps bytes that are no UTF-8 and masks secrets", () => {
    const dir = tempDir();
    addSecret("fedcba9876543210fedcba9876543210fedcba98");
    const source = "// \xe9\xff\nlogin('fedcba9876543210fedcba9876543210fedcba98', token = next())\n";
    writeFileSync(join(dir, "train.js"), Buffer.from(source, "latin1"));
    saveScript(findScript("train.js", dir)!, dir, join(dir, "files"));
    expect(readFileSync(join(dir, "files/code/train.js"), "latin1")).toBe(
      "// \xe9\xff\nlogin('***', token = next())\n",
    );
  });

  it("takes nothing from outside, not through a link either, and nothing huge", () => {
    const dir = tempDir();
    const root = join(dir, "root");
    mkdirSync(root);
    writeFileSync(join(dir, "outside.js"), "secret");
    symlinkSync(join(dir, "outside.js"), join(root, "link.js"));
    writeFileSync(join(root, "big.js"), "x".repeat(1001));
    symlinkSync(join(root, "big.js"), join(root, "alias.js"));
    const skipped = (script: string, maxBytes = 1000) =>
      saveScript(findScript(script, root)!, root, join(dir, "files"), { maxBytes });
    expect(skipped(join(dir, "outside.js"))).toEqual({ skipped: expect.stringContaining("is not inside") });
    expect(skipped("link.js")).toEqual({ skipped: expect.stringContaining("is not inside") });
    expect(skipped("big.js")).toEqual({ skipped: expect.stringContaining("has 1001 bytes") });
    // A link to a script inside is called as the official client calls it: by the link's name.
    expect(skipped("alias.js", 2000)).toMatchObject({ codePath: "code/alias.js" });
    expect(readFileSync(join(dir, "files/code/alias.js"), "utf8")).toBe("x".repeat(1001));
  });
});

describe("savesCode", () => {
  it("saves only when asked and not forbidden", () => {
    expect(savesCode({})).toBe(false);
    expect(savesCode({ saveCode: false })).toBe(false);
    expect(savesCode({ saveCode: true })).toBe(true);
    expect(savesCode({ saveCode: true, disableCode: false })).toBe(true);
    expect(savesCode({ saveCode: true, disableCode: true })).toBe(false);
  });
});
