import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";

/**
 * A fresh working directory for one script: a git repository with one commit (the same in every run), a remote with
 * credentials that must not get anywhere, one uncommitted change, and media files in `fixtures/`.
 */
async function makeWorkspace(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wandb-differential-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", args, { cwd: folder, env: { ...process.env, ...COMMITTER }, stdio: "pipe" });
  await writeFile(join(folder, "tracked.txt"), "committed\n");
  // What scripts and clients create is no part of the repository.
  await writeFile(join(folder, ".gitignore"), "*\n!tracked.txt\n!.gitignore\n");
  git("init", "--quiet", "--initial-branch=main");
  git("add", ".gitignore", "tracked.txt");
  git("commit", "--quiet", "--message", "first");
  git("remote", "add", "origin", "https://user:secret-token@git.example.com/team/project.git");
  await writeFile(join(folder, "tracked.txt"), "committed\nchanged\n");
  await mkdir(join(folder, "fixtures"));
  for (const [name, content] of Object.entries(fixtures()))
    await writeFile(join(folder, "fixtures", name), content);
  // One package, so that both clients have some to list.
  await mkdir(join(folder, "node_modules", "little"), { recursive: true });
  await writeFile(join(folder, "package.json"), '{"dependencies":{"little":"1.0.0"}}');
  await writeFile(join(folder, "node_modules", "little", "package.json"), '{"version":"1.0.0"}');
  return folder;
}

/** Does something in a workspace of its own, which is gone afterwards. */
export async function inWorkspace<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await makeWorkspace();
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const COMMITTER = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_AUTHOR_DATE: "2024-01-01T00:00:00Z",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
  GIT_COMMITTER_DATE: "2024-01-01T00:00:00Z",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
};

function fixtures(): { readonly [name: string]: string | Buffer } {
  const png = new PNG({ width: 7, height: 5 });
  for (let index = 0; index < png.data.length; index++)
    png.data[index] = index % 4 === 3 ? 255 : (index * 11) % 256;
  return {
    "picture.png": PNG.sync.write(png),
    "sound.wav": wav(
      Int16Array.from({ length: 400 }, (_, index) => ((index % 40) - 20) * 500),
      8000,
    ),
    // Clients look at the extension only and store the bytes.
    "clip.mp4": Buffer.from("\0\0\0\x18ftypmp42 not a real film"),
    "clip.gif": Buffer.from("GIF89a not a real picture"),
    "page.html": "<html><head></head><body>page</body></html>",
    "model.obj": "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n",
    "molecule.pdb": "HETATM    1  O   HOH A   1       0.000   0.000   0.000  1.00  0.00           O\nEND\n",
  };
}

/** 16-bit PCM, one channel. */
function wav(samples: Int16Array, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
