import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** Removing entries before logging; a file that takes the place of another. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("edited", { type: "dataset" });
  for (const name of ["a.txt", "b.txt", "folder/c.txt", "folder/d.txt"]) artifact.newFile(name, name);
  artifact.remove("a.txt");
  artifact.remove("folder");
  writeFileSync("b-new.txt", "new content");
  artifact.addFile("b-new.txt", { name: "b.txt", overwrite: true });
  run.logArtifact(artifact);
  await run.finish();
}
