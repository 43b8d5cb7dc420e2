import { resolve } from "node:path";
import { runGit } from "./run-git.js";

/** The state of a git working tree. */
export interface GitState {
  /** Full hash of the commit checked out. */
  readonly commit: string;
  /** Branch checked out; absent when HEAD is detached. */
  readonly branch?: string;
  /** Whether tracked files differ from the commit; absent when git could not tell in time. Untracked files do not count. */
  readonly dirty?: boolean;
  /** Address of `origin`, else of the first remote, without credentials; absent when there is none. */
  readonly remote?: string;
  /** Absolute path of the working tree. */
  readonly root: string;
}

/**
 * Asks git about the working tree that holds `cwd`. Resolves to undefined outside a repository, before the first
 * commit, without git, or when it does not answer within `timeoutMs` (each of up to two rounds); never rejects, and
 * changes nothing in the repository.
 *
 * @example
 * ```ts
 * const git = await collectGit(process.cwd(), { timeoutMs: 2_000 });
 * console.log(git?.commit, git?.dirty);
 * ```
 */
export async function collectGit(
  cwd: string,
  options: { readonly timeoutMs: number },
): Promise<GitState | undefined> {
  const git = async (...args: string[]) => (await runGit(cwd, args, options)).output;
  // Root, commit, branch, each on a line; "HEAD" in place of a branch when detached.
  const head = await git("rev-parse", "--show-toplevel", "HEAD", "--abbrev-ref", "HEAD");
  const lines = head?.trimEnd().split("\n");
  if (lines === undefined || lines.length < 3) return undefined;
  const branch = lines.pop()!.replace(/^heads\//, "");
  const commit = lines.pop()!;

  // Looking for untracked files may walk through a whole data set, so it is left out.
  const [status, remotes] = await Promise.all([
    git("status", "--porcelain", "--untracked-files=no"),
    git("config", "--get-regexp", "^remote\\..*\\.url$"),
  ]);
  const remote = pickRemote(remotes ?? "");
  return {
    commit,
    ...(branch === "HEAD" ? {} : { branch }),
    ...(status === undefined ? {} : { dirty: status !== "" }),
    ...(remote === undefined ? {} : { remote: stripCredentials(remote) }),
    root: resolve(lines.join("\n")),
  };
}

/** Lines `remote.<name>.url <address>`. */
function pickRemote(config: string): string | undefined {
  const addresses = [...config.matchAll(/^remote\.(.+?)\.url (.+)$/gm)];
  return (addresses.find(([, name]) => name === "origin") ?? addresses[0])?.[2];
}

/**
 * A git address without user names that may be tokens, passwords and query strings. The user of `ssh://git@host` and
 * `git@host:path` is part of the address and stays.
 */
export function stripCredentials(address: string): string {
  const url = /^((?:[\w.+-]+::)?([a-z][a-z0-9+.-]*):\/\/)(?:([^/\s?#]*)@)?([^?#]*)/i.exec(address);
  if (url !== null) {
    const [, prefix, scheme, userinfo, rest] = url;
    if (userinfo === undefined || !/^(git\+)?ssh$/i.test(scheme!)) return prefix! + rest!;
    return `${prefix}${userinfo.split(":")[0]}@${rest}`;
  }
  // host:path with a user, as scp writes it; `user:password@` is no valid form but is met.
  return address.replace(/^([^/:@\s]+):[^/\s]*@(?=[^/@\s]+:)/, "");
}
