import type * as Wandb from "tracelet/wandb";

/** Files written into an artifact, as text and bytes; the same content twice. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("written", { type: "dataset" });
  artifact.newFile("text.txt", "h\u00e9llo\n");
  artifact.newFile(
    "folder/bytes.bin",
    Uint8Array.from({ length: 256 }, (_, i) => i),
  );
  artifact.newFile("copy.txt", "h\u00e9llo\n");
  run.logArtifact(artifact);
  await run.finish();
}
