import { mkdirSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** An artifact of files and folders, renamed files, an empty file, names beyond ASCII in code-point order. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("data/sub", { recursive: true });
  const files = {
    "a.txt": "alpha",
    "b.bin": "\0\x01\x02".repeat(1000),
    "sub/c.txt": "gamma",
    empty: "",
    "\uff5e.txt": "fullwidth",
    "\u{1f600}.txt": "astral",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(`data/${name}`, text);
  const run = await wandb.init();
  const artifact = new wandb.Artifact("files", { type: "dataset" });
  artifact.addFile("data/a.txt");
  artifact.addFile("data/a.txt", { name: "renamed/a.txt" });
  artifact.addDir("data");
  artifact.addDir("data/sub", { name: "under" });
  run.logArtifact(artifact);
  await run.finish();
}
