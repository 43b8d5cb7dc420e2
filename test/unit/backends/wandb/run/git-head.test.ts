import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readGitHead } from "#backends/wandb/run/git-head.js";

let dir: string;
const git = (...args: readonly string[]): string =>
  execFileSync(
    "git",
    ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main", ...args],
    { cwd: dir, encoding: "utf8", env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" } },
  ).trim();

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "git-head-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function commit(): string {
  git("commit", "--quiet", "--allow-empty", "--message", "x");
  return git("rev-parse", "HEAD");
}

describe("readGitHead", () => {
  it("says what git says: on a branch, packed, detached, in a linked working tree, from a folder inside", () => {
    git("init", "--quiet");
    const first = commit();
    git("remote", "add", "origin", "https://user:token@git.example.com/a.git");
    const remoteUrl = "https://git.example.com/a.git";
    expect(readGitHead(dir, {})).toEqual({ commit: first, remoteUrl });
    mkdirSync(join(dir, "a", "b"), { recursive: true });
    expect(readGitHead(join(dir, "a", "b"), {})).toEqual({ commit: first, remoteUrl });
    git("pack-refs", "--all");
    expect(readGitHead(dir, {})).toEqual({ commit: first, remoteUrl });
    const second = commit();
    git("worktree", "add", "--quiet", join(dir, "tree"), "-b", "other", first);
    expect(readGitHead(join(dir, "tree"), {})).toEqual({ commit: first, remoteUrl });
    git("checkout", "--quiet", "--detach");
    expect(readGitHead(dir, {})).toEqual({ commit: second, remoteUrl });
  });

  it("has nothing before the first commit and outside a repository", () => {
    expect(readGitHead(dir, {})).toBeUndefined();
    git("init", "--quiet");
    expect(readGitHead(dir, {})).toBeUndefined();
  });

  it("follows the settings", () => {
    git("init", "--quiet");
    const head = commit();
    git("remote", "add", "upstream", "git@git.example.com:b.git");
    expect(readGitHead(dir, { gitRemote: "upstream" })).toEqual({
      commit: head,
      remoteUrl: "git@git.example.com:b.git",
    });
    expect(readGitHead(dir, { gitCommit: "abc", gitRemoteUrl: "https://u@x.example/c.git" })).toEqual({
      commit: "abc",
      remoteUrl: "https://x.example/c.git",
    });
    expect(readGitHead(dir, { disableGit: true })).toBeUndefined();
    expect(readGitHead(dir, { disableMachineInfo: true })).toBeUndefined();
  });
});
