import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collectGit, stripCredentials } from "#src/collectors/git.js";

const options = { timeoutMs: 8_000 };
const path = process.env["PATH"] ?? "";
let dir: string;

beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "tracelet-git-")));
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(dir, { recursive: true });
});

function git(...args: string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@host.example", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd: dir, encoding: "utf8" }).trim();
}
function commit(): string {
  writeFileSync(join(dir, "a.txt"), "one\n");
  git("add", "a.txt");
  git("commit", "-q", "-m", "first");
  return git("log", "-1", "--format=%H");
}

describe("collectGit", () => {
  test("commit, branch, root and remote of a clean tree, from a folder inside it", async () => {
    git("init", "-q", "-b", "feature/x");
    const hash = commit();
    git("remote", "add", "backup", "https://host.example/backup.git");
    git("remote", "add", "origin", "https://me:abcdefgh@host.example/team/project.git");
    mkdirSync(join(dir, "sub"));
    expect(await collectGit(join(dir, "sub"), options)).toEqual({
      commit: hash,
      branch: "feature/x",
      dirty: false,
      remote: "https://host.example/team/project.git",
      root: dir,
    });
  });

  test("a changed or staged file makes it dirty, an untracked one does not", async () => {
    git("init", "-q", "-b", "main");
    commit();
    writeFileSync(join(dir, "new.txt"), "new\n");
    expect((await collectGit(dir, options))?.dirty).toBe(false);
    git("add", "new.txt");
    expect((await collectGit(dir, options))?.dirty).toBe(true);
    git("reset", "-q");
    writeFileSync(join(dir, "a.txt"), "two\n");
    expect((await collectGit(dir, options))?.dirty).toBe(true);
  });

  test("a detached HEAD has a commit and no branch; no remote is no remote", async () => {
    git("init", "-q", "-b", "main");
    const hash = commit();
    git("checkout", "-q", "--detach");
    expect(await collectGit(dir, options)).toEqual({ commit: hash, dirty: false, root: dir });
  });

  test("a tag of the branch's name does not change the branch", async () => {
    git("init", "-q", "-b", "main");
    commit();
    git("tag", "main");
    expect((await collectGit(dir, options))?.branch).toBe("main");
  });

  test("outside a repository, before the first commit, in a missing folder: undefined", async () => {
    expect(await collectGit(dir, options)).toBeUndefined();
    git("init", "-q");
    expect(await collectGit(dir, options)).toBeUndefined();
    expect(await collectGit(join(dir, "missing"), options)).toBeUndefined();
  });

  test("without git: undefined", async () => {
    process.env["PATH"] = dir;
    expect(await collectGit(process.cwd(), options)).toBeUndefined();
  });

  test.skipIf(process.platform === "win32")("a git that hangs is given up", async () => {
    writeFileSync(join(dir, "git"), "#!/bin/sh\nexec sleep 60\n");
    chmodSync(join(dir, "git"), 0o755);
    process.env["PATH"] = `${dir}${delimiter}${path}`;
    expect(await collectGit(dir, { timeoutMs: 200 })).toBeUndefined();
  });
});

describe("stripCredentials", () => {
  test.each([
    ["https://host.example/a.git", "https://host.example/a.git"],
    ["https://user@host.example/a.git", "https://host.example/a.git"],
    ["https://user:pass@host.example:8443/a.git", "https://host.example:8443/a.git"],
    ["https://:pass@host.example/a", "https://host.example/a"],
    ["HTTPS://u:p@host.example/a", "HTTPS://host.example/a"],
    ["https://user:p@ss@host.example/a", "https://host.example/a"],
    ["https://host.example/a.git?access_token=x#y", "https://host.example/a.git"],
    ["https://host.example/@scope/a", "https://host.example/@scope/a"],
    ["git+https://u:p@host.example/a", "git+https://host.example/a"],
    ["ext-helper::https://u:p@host.example/a", "ext-helper::https://host.example/a"],
    ["ftp://u:p@host.example/a", "ftp://host.example/a"],
    ["ssh://git@host.example/a.git", "ssh://git@host.example/a.git"],
    ["ssh://git:pw@host.example:22/a.git", "ssh://git@host.example:22/a.git"],
    ["git@host.example:team/a.git", "git@host.example:team/a.git"],
    ["user:pw@host.example:team/a.git", "host.example:team/a.git"],
    ["host.example:team/a.git", "host.example:team/a.git"],
    ["file:///srv/a.git", "file:///srv/a.git"],
    ["../a.git", "../a.git"],
    ["/srv/a.git", "/srv/a.git"],
  ])("%s", (address, expected) => expect(stripCredentials(address)).toBe(expected));
});
