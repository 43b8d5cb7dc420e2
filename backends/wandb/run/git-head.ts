import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stripCredentials } from "../../../src/collectors/git.js";
import type { SettingValues } from "../settings/setting-table.js";

/**
 * Commit and remote of the working tree around a folder, read from the repository's own files: the run record comes first
 * in a log and cannot wait for git. Undefined outside a repository, or when they are kept in a form not known here.
 */
export function readGitHead(
  folder: string,
  settings: SettingValues,
): { commit?: string; remoteUrl?: string } | undefined {
  if (settings.disableGit || settings.disableMachineInfo) return undefined;
  const git = gitFolder(folder);
  const commit = settings.gitCommit ?? (git === undefined ? undefined : headCommit(git));
  const remote =
    settings.gitRemoteUrl ?? (git === undefined ? undefined : remoteAddress(git, settings.gitRemote));
  if (commit === undefined && remote === undefined) return undefined;
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(remote === undefined ? {} : { remoteUrl: stripCredentials(remote) }),
  };
}

interface GitFolder {
  /** Where HEAD stands. */
  readonly own: string;
  /** Where branches and configuration stand; another one for linked working trees. */
  readonly common: string;
}

function gitFolder(folder: string): GitFolder | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, ".git");
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return { own: path, common: path };
    const link = stats?.isFile() ? /^gitdir: (.*)$/m.exec(textOf(path) ?? "")?.[1] : undefined;
    if (link !== undefined) {
      const own = resolve(at, link);
      return { own, common: resolve(own, textOf(join(own, "commondir"))?.trim() ?? ".") };
    }
    if (dirname(at) === at) return undefined;
  }
}

function headCommit({ own, common }: GitFolder): string | undefined {
  const head = textOf(join(own, "HEAD"))?.trim();
  const ref = head?.startsWith("ref: ") ? head.slice(5) : undefined;
  if (ref === undefined) return commitHash(head);
  const loose = commitHash(textOf(join(own, ref)) ?? textOf(join(common, ref)));
  if (loose !== undefined) return loose;
  const packed = textOf(join(common, "packed-refs"))
    ?.split("\n")
    .find((line) => line.endsWith(` ${ref}`));
  return commitHash(packed?.split(" ")[0]);
}

function commitHash(text: string | undefined): string | undefined {
  const hash = text?.trim();
  return hash !== undefined && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(hash) ? hash : undefined;
}

/** `url` of `[remote "origin"]`, or of the remote that is named. */
function remoteAddress({ common }: GitFolder, name = "origin"): string | undefined {
  let inside = false;
  for (const line of textOf(join(common, "config"))?.split("\n") ?? []) {
    const section = /^\s*\[\s*remote\s+"(.*)"\s*\]/.exec(line);
    if (section !== null) inside = section[1] === name;
    else if (/^\s*\[/.test(line)) inside = false;
    const url = inside ? /^\s*url\s*=\s*(.*?)\s*$/.exec(line)?.[1] : undefined;
    if (url !== undefined) return url;
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
