import { mkdirSync, writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** logArtifact of a file and of a folder, with and without a name and a type. */
export default async function (wandb: typeof Wandb): Promise<void> {
  mkdirSync("folder");
  for (const name of ["folder/one.txt", "folder/two.txt", "single.txt"]) writeFileSync(name, name);
  const run = await wandb.init();
  run.logArtifact("single.txt", { name: "named", type: "file", aliases: ["best"] });
  run.logArtifact("folder", { name: "whole-folder", type: "dataset" });
  run.logArtifact("single.txt");
  await run.finish();
}
