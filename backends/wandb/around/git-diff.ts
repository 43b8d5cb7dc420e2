import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type GitAnswer, runGit } from "../../../src/collectors/run-git.js";
import { maskSecretValues } from "../../../src/collectors/secrets.js";
import type { FilesRecord } from "../records/record.js";

/** What {@link saveDiffs} takes. */
export interface DiffOptions {
  /** For each question to git. */
  readonly timeoutMs?: number;
  /** A larger patch is left out: half of one could not be applied. */
  readonly maxBytes?: number;
}

/** What {@link saveDiffs} did. */
export interface SavedDiffs {
  /** Absent when no file was written. */
  readonly record?: FilesRecord;
  /** Why a patch is missing that there should be. */
  readonly problems: readonly string[];
}

/**
 * Writes the changes of the working tree that no commit holds as `diff.patch`, and those against the branch's upstream as
 * `diff_<commit>.patch`, into the run's files. A patch without changes makes no file; outside a repository and before
 * the first commit there is none. Secrets in them are masked. Not to be called with `disableGit`. Never rejects.
 */
export async function saveDiffs(
  cwd: string,
  filesDir: string,
  options: DiffOptions = {},
): Promise<SavedDiffs> {
  const { timeoutMs = 5_000, maxBytes = 10 * 1024 * 1024 } = options;
  const ask = (...args: string[]): Promise<GitAnswer> =>
    runGit(cwd, args, { timeoutMs, maxBytes, encoding: "latin1" });
  const diff = (commit: string): Promise<GitAnswer> =>
    ask("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=diff", commit);
  const [local, upstream] = await Promise.all([
    diff("HEAD"),
    ask("rev-parse", "--verify", "--quiet", "@{upstream}"),
  ]);
  const patches = [{ path: "diff.patch", answer: local }];
  if (local.output !== undefined && upstream.output !== undefined) {
    const commit = upstream.output.trim();
    patches.push({ path: `diff_${commit}.patch`, answer: await diff(commit) });
  }
  const written: string[] = [];
  const problems: string[] = [];
  for (const { path, answer } of patches) {
    if (answer.problem !== undefined) problems.push(`${path} is not saved: ${answer.problem}`);
    if (answer.output === undefined || answer.output === "") continue;
    try {
      writeFileSync(join(filesDir, path), maskPatch(answer.output), "latin1");
      written.push(path);
    } catch (error) {
      problems.push(`${path} is not saved: ${(error as Error).message}`);
    }
  }
  if (written.length === 0) return { problems };
  const files = written.map((path) => ({ path, policy: "NOW", type: "WANDB" }) as const);
  return { record: { files }, problems };
}

/** The sign at the start of a line would pass for a part of an address: `+https://me:password@host`. */
function maskPatch(patch: string): string {
  return maskSecretValues(patch).replace(
    /^([+-])([^\n]*:\/\/[^\n]*)$/gm,
    (_, sign: string, line: string) => sign + maskSecretValues(line),
  );
}
