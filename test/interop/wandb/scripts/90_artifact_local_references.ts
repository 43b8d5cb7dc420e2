import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** References to a local file and folder, with and without checksums; links inside a folder; an artifact logged twice. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("data/sub", { recursive: true });
  for (const name of ["data/a.txt", "data/sub/b.txt"]) writeFileSync(name, name);
  symlinkSync("a.txt", "data/link.txt");
  const run = await wandb.init();
  const artifact = new wandb.Artifact("added", { type: "dataset", metadata: { n: 1 } });
  artifact.addDir("data");
  artifact.metadata = { ...artifact.metadata, more: [1, 2] };
  artifact.description = "late";
  run.logArtifact(artifact, { aliases: ["one"] });
  const second = new wandb.Artifact("added", { type: "dataset", metadata: { n: 1, more: [1, 2] } });
  second.addDir("data");
  run.logArtifact(second, { aliases: ["two"] });
  await run.finish();
}
