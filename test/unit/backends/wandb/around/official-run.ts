import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordContents, RecordType } from "#backends/wandb/records/record.js";
import { tempDir } from "../../../../support/temp-dir.js";
import { officialLog } from "../fixtures/official-log.js";

/** Records of one type in the log of `fixtures/around.py`. */
export function officialRecords<Type extends RecordType>(type: Type): RecordContents[Type][] {
  return officialLog("around").flatMap((record) => (record[type] === undefined ? [] : [record[type]!]));
}

export function git(cwd: string, ...args: string[]): string {
  const identity = ["-c", "user.name=a", "-c", "user.email=a@host.example", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...identity, ...args], { cwd, encoding: "utf8", stdio: "pipe" }).trim();
}

/** The repository that `fixtures/around.py` makes, with the files that it saves, and an upstream one commit behind. */
export function officialRepository(): { root: string; cwd: string; filesDir: string; first: string } {
  const parent = realpathSync(tempDir());
  const root = join(parent, "work");
  const cwd = join(root, "sub");
  const filesDir = join(cwd, "wandb", "run", "files");
  for (const folder of [join(cwd, "data", "deep"), filesDir]) mkdirSync(folder, { recursive: true });
  const put = (path: string, text: string) => writeFileSync(join(root, path), text);
  put("tracked.txt", "one\n");
  put("sub/data/a.txt", "x\n");
  put("sub/data/b.json", "y\n");
  put("sub/data/deep/c.txt", "z\n");
  put("sub/data/.hidden.txt", "h\n");
  put("sub/data/[q].txt", "q\n");
  put("sub/train.py", "print()\n");
  git(root, "init", "-q", "-b", "main");
  git(root, "add", "tracked.txt");
  git(root, "commit", "-qm", "first");
  const first = git(root, "rev-parse", "HEAD");
  git(parent, "init", "-q", "--bare", "-b", "main", "up.git");
  git(root, "remote", "add", "origin", join(parent, "up.git"));
  git(root, "push", "-q", "-u", "origin", "main");
  put("tracked.txt", "one\ntwo\n");
  git(root, "commit", "-qam", "second");
  put("tracked.txt", "one\ntwo\nthree\n");
  put("untracked.txt", "u\n");
  return { root, cwd, filesDir, first };
}
