import { writeFileSync } from "node:fs";
import type * as Wandb from "tracelet/wandb";

/** References: a local file with its checksum, addresses without, an unknown scheme. */
export default async function (wandb: typeof Wandb): Promise<void> {
  writeFileSync("local.txt", "local");
  const run = await wandb.init();
  const artifact = new wandb.Artifact("references", { type: "dataset" });
  artifact.addReference("https://example.com/path/data.csv", { checksum: false });
  artifact.addReference("https://example.com/data.json?version=2", {
    name: "web/data.json",
    checksum: false,
  });
  artifact.addReference("custom://somewhere/file", { name: "custom" });
  artifact.addFile("local.txt");
  run.logArtifact(artifact);
  await run.finish();
}
