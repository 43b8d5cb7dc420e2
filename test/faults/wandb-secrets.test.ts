import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as tracelet from "tracelet";
import * as wandb from "tracelet/wandb";
import { expect, test, vi } from "vitest";
import { fixture, runScript } from "../support/run-script.js";

const KEY = "0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f60718293";
const FORMS = [KEY, Buffer.from(KEY).toString("base64").replace(/=+$/, "")];

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, name);
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) yield path;
  }
}

test("a W&B key appears in no file of a run, no line, no title", async () => {
  const dir = mkdtempSync(join(tmpdir(), "tracelet-wandb-secrets-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@host.example", ...args], { cwd: dir });
  try {
    // The script and a changed file hold the key, and so does the remote's address.
    const script = join(dir, "train.mjs");
    const source = readFileSync(fixture("wandb-secrets.mjs"), "utf8");
    const wandb = import.meta.resolve("tracelet/wandb");
    writeFileSync(script, `// ${KEY}\n${source.replace("tracelet/wandb", wandb)}`);
    writeFileSync(join(dir, "settings.txt"), "nothing\n");
    git("init", "-q");
    git("add", "settings.txt");
    git("commit", "-q", "-m", "first");
    git("remote", "add", "origin", `https://me:${KEY}@host.example/team/repo.git`);
    writeFileSync(join(dir, "settings.txt"), `key = ${KEY}\nhttps://me:${KEY}@host/\n`);
    copyFileSync(join(dir, "settings.txt"), join(dir, "untracked.txt"));

    const titles: string[] = [];
    const ended = await runScript(pathToFileURL(script), {
      args: ["--api-key", KEY, `--token=${KEY}`],
      env: { WANDB_API_KEY: KEY, WANDB_DIR: join(dir, "out"), WANDB_DATA_DIR: join(dir, "data") },
      cwd: dir,
      onLine: (_line, child) => {
        // What `ps` shows of the process's threads; the command line itself is the caller's.
        for (const thread of readdirSync(`/proc/${child.pid}/task`)) {
          titles.push(readFileSync(`/proc/${child.pid}/task/${thread}/comm`, "utf8"));
        }
      },
    });
    expect(ended.code, ended.stderr).toBe(1);
    expect(titles.length).toBeGreaterThan(5);
    expect(titles.join("")).not.toContain(KEY.slice(0, 8));

    const files = [...filesBelow(join(dir, "out")), ...filesBelow(join(dir, "data"))];
    const names = files.map((file) => file.slice(dir.length)).join("\n");
    for (const expected of [".wandb", "files/code/train.mjs", "files/diff.patch"])
      expect(names).toContain(expected);
    const leaks = files.flatMap((file) => {
      const bytes = readFileSync(file);
      return FORMS.flatMap((form) => (bytes.includes(form) ? [`${file.slice(dir.length)}: ${form}`] : []));
    });
    expect(leaks).toEqual([]);
    // Node itself prints the error that nobody caught; what is said beside it has no key.
    for (const line of ended.said) expect(line).not.toContain(KEY);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("a W&B key given where something else belongs is refused without being repeated", async () => {
  vi.stubEnv("WANDB_API_KEY", KEY);
  const offline = { mode: "offline" } as const;
  const calls: { readonly [place: string]: () => unknown } = {
    setting: () => wandb.init({ ...offline, settings: { entity: [KEY] } }),
    "setting's name": () => wandb.init({ ...offline, settings: { [KEY]: 1 } }),
    id: () => wandb.init({ ...offline, id: `a/${KEY}` }),
    project: () => wandb.init({ ...offline, project: `a?${KEY}` }),
    tag: () => wandb.init({ ...offline, tags: [KEY + KEY] }),
    mode: () => wandb.init({ mode: KEY as "offline" }),
    artifact: () => new wandb.Artifact(`a/${KEY}`, { type: "t" }),
    "artifact's reference": () =>
      new wandb.Artifact("a", { type: "t" }).addReference(`file:///nowhere/${KEY}`),
    "facade's option": () => tracelet.startLogging("wandb", { config: { [KEY]: KEY } as never }),
    "facade's backend": () => tracelet.startLogging(KEY as "wandb"),
  };
  try {
    for (const [place, call] of Object.entries(calls)) {
      const error = await Promise.resolve()
        .then(call)
        .then(
          () => undefined,
          (thrown: unknown) => thrown as Error,
        );
      expect(error, place).toBeInstanceOf(tracelet.TraceletError);
      for (const text of [error!.message, error!.stack]) expect(text, place).not.toContain(KEY.slice(0, 20));
    }
  } finally {
    vi.unstubAllEnvs();
  }
});
