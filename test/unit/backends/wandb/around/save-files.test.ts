import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { expandGlob, partPattern } from "#backends/wandb/around/file-glob.js";
import { type SaveOptions, saveFiles, settleSaved } from "#backends/wandb/around/save-files.js";
import { TraceletError } from "#src/errors.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { officialRecords, officialRepository } from "./official-run.js";

function place() {
  const { cwd, filesDir } = officialRepository();
  return { cwd, filesDir, wandbDir: join(cwd, "wandb") };
}

const names = (folder: string, paths: readonly string[]) => paths.map((path) => relative(folder, path));

describe("saveFiles", () => {
  it("names the files that the official client names for the same calls (around.py)", () => {
    const at = place();
    const deep = join(at.cwd, "data", "deep", "c.txt");
    const calls: readonly (readonly [string, SaveOptions?])[] = [
      ["data/*.txt"],
      ["data/[ab].*", { policy: "now" }],
      ["data/[!a].*", { policy: "end" }],
      ["data/?.txt"],
      ["data/*.{txt,json}"],
      ["data/.*"],
      ["data/[q].txt", { glob: false }],
      ["data/deep/../a.txt"],
      ["data/a.txt", { basePath: "data" }],
      [deep],
      [deep, { basePath: at.cwd }],
      ["missing*.txt"],
    ];
    const ours = calls.map(([pattern, options]) => saveFiles(pattern, at, options).record);
    const official = officialRecords("files").filter(({ files }) => files?.[0]?.type !== "WANDB");
    expect(ours).toEqual(
      official.map(({ files = [] }) => ({
        files: files.map(({ path, policy = "NOW", type = "OTHER" }) => ({ path, policy, type })),
      })),
    );
  });

  it("links for live and end, copies for now, and returns the sorted places", () => {
    const at = place();
    const { paths } = saveFiles("data/*.txt", at);
    expect(names(at.filesDir, paths)).toEqual(["data/[q].txt", "data/a.txt"]);
    const target = join(at.filesDir, "data", "a.txt");
    expect(readlinkSync(target)).toBe(join(at.cwd, "data", "a.txt"));
    saveFiles("data/a.txt", at, { policy: "now" });
    appendFileSync(join(at.cwd, "data", "a.txt"), "later\n");
    expect(lstatSync(target).isFile()).toBe(true);
    expect(readFileSync(target, "utf8")).toBe("x\n");
    saveFiles("data/a.txt", at, { policy: "end" });
    expect(readFileSync(target, "utf8")).toBe("x\nlater\n");
    expect(readdirSync(join(at.filesDir, "data"))).toEqual(["[q].txt", "a.txt"]);
  });

  // The official client's order: a link, else a second name of the file, else a copy (sdk/lib/filesystem.py).
  it("gives the file a second name where links are not wanted", () => {
    const at = { ...place(), symlink: false };
    const { record } = saveFiles("data/a.txt", at);
    expect(record.files).toEqual([{ path: "data/a.txt", policy: "LIVE", type: "OTHER" }]);
    const target = join(at.filesDir, "data", "a.txt");
    expect(lstatSync(target).isFile()).toBe(true);
    appendFileSync(join(at.cwd, "data", "a.txt"), "later\n");
    expect(readFileSync(target, "utf8")).toBe("x\nlater\n");
  });

  it("searches folders below with **, but neither runs nor hidden folders nor linked ones", () => {
    const at = place();
    mkdirSync(join(at.cwd, "data", ".cache"));
    writeFileSync(join(at.cwd, "data", ".cache", "x.txt"), "");
    symlinkSync(join(at.cwd, "data"), join(at.cwd, "data", "deep", "loop"));
    writeFileSync(join(at.filesDir, "own.txt"), "");
    const all = (pattern: string) => names(at.filesDir, saveFiles(pattern, at).paths);
    expect(all("data/**/*.txt")).toEqual(["data/[q].txt", "data/a.txt", "data/deep/c.txt"]);
    expect(all("data/**")).toEqual(["data/[q].txt", "data/a.txt", "data/b.json", "data/deep/c.txt"]);
    expect(names(at.filesDir, saveFiles("../sub/**/*.txt", at, { basePath: ".." }).paths)).not.toContainEqual(
      expect.stringContaining("own.txt"),
    );
  });

  it("names files that stand in the run's folder already", () => {
    const at = place();
    writeFileSync(join(at.filesDir, "own.txt"), "own");
    expect(saveFiles("*.txt", at).record.files).toEqual([{ path: "own.txt", policy: "LIVE", type: "OTHER" }]);
    const inside = saveFiles(join(at.filesDir, "own.txt"), at, { basePath: at.filesDir });
    expect(inside.paths).toEqual([join(at.filesDir, "own.txt")]);
    expect(readFileSync(join(at.filesDir, "own.txt"), "utf8")).toBe("own");
  });

  it.each<[string, SaveOptions, string]>([
    ["data/*", { basePath: "data" }, 'begins with "*"'],
    ["*", {}, 'begins with "*"'],
    ["**/a.txt", {}, 'begins with "*"'],
    ["data", { basePath: "data" }, "is not inside the base path"],
    ["data/a.txt", { basePath: "other" }, "is not inside the base path"],
    ["data/a.txt", { basePath: "dat" }, "is not inside the base path"],
    ["../tracked.txt", {}, "give a basePath that contains it"],
    [".", {}, "is not inside the base path"],
    ["", {}, "not empty"],
    ["data", {}, 'write "data/**"'],
    ["data/deep/", { glob: false }, 'write "data/deep/**"'],
    ["s3://bucket/x", {}, "addReference"],
    ["data/a.txt", { policy: "later" as "live" }, "policy is one of live, now, end"],
  ])("refuses %s with %j by the rule", (pattern, options, rule) => {
    const at = place();
    const call = () => saveFiles(pattern, at, options);
    expect(call).toThrow(TraceletError);
    expect(call).toThrow(rule);
    expect(readdirSync(at.filesDir)).toEqual([]);
  });

  it("says what it could not save", () => {
    const at = place();
    symlinkSync("/nowhere", join(at.cwd, "data", "dangling.txt"));
    expect(saveFiles("data/d*.txt", at).problems).toEqual([
      expect.stringContaining("dangling.txt is not saved"),
    ]);
    expect(saveFiles("none/*.txt", at).problems).toEqual(['"none/*.txt" matches no file']);
    expect(saveFiles("data/[q].txt", at).problems).toEqual([expect.stringContaining("set glob to false")]);
  });
});

describe("settleSaved", () => {
  it("makes saved files independent of their originals", () => {
    const at = place();
    const { record } = saveFiles("data/*", at);
    const paths = record.files!.map(({ path }) => path);
    writeFileSync(join(at.cwd, "data", "b.json"), "last");
    rmSync(join(at.filesDir, "data", "[q].txt"));
    symlinkSync("/nowhere", join(at.filesDir, "data", "[q].txt"));
    expect(settleSaved(at.filesDir, paths)).toEqual([expect.stringContaining("data/[q].txt is gone")]);
    rmSync(join(at.cwd, "data"), { recursive: true });
    expect(readFileSync(join(at.filesDir, "data", "a.txt"), "utf8")).toBe("x\n");
    expect(readFileSync(join(at.filesDir, "data", "b.json"), "utf8")).toBe("last");
  });
});

describe("partPattern", () => {
  // Answers of Python's fnmatch.fnmatchcase, which the official client's patterns follow.
  it.each<[string, string, boolean]>([
    ["*.txt", "a.txt", true],
    ["*.txt", "a.txt2", false],
    ["*.txt", ".a.txt", false],
    [".*", ".a.txt", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[]]x", "]x", true],
    ["[!]]x", "]x", false],
    ["[x", "[x", true],
    ["[z-a]", "m", false],
    ["a[b", "a[b", true],
    ["{a,b}", "a", false],
    ["{a,b}", "{a,b}", true],
    ["a+(b)|c$", "a+(b)|c$", true],
    ["[\\]x", "\\x", true],
    ["[^a]", "^", true],
    ["[^a]", "b", false],
    ["*", "ünïcödé 😀", true],
    ["?", "😀", true],
  ])("%s and %s", (part, name, matches) => {
    expect(partPattern(part).test(name)).toBe(matches);
  });
});

describe("expandGlob", () => {
  it("walks 200 folders deep and takes odd names", () => {
    const dir = tempDir();
    const deep = join(dir, ...Array.from({ length: 200 }, () => "d"));
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "x\n.txt"), "");
    expect(expandGlob(dir, "**/*.txt")).toEqual([join(deep, "x\n.txt")]);
    expect(expandGlob(dir, "none/**")).toEqual([]);
  });
});
