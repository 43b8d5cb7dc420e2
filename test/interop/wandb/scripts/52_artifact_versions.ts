import type * as Wandb from "tracelet/wandb";

/** Three versions of one artifact of which two are the same content. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const versions = [
    ["one", "first"],
    ["two", "second"],
    ["two", "again"],
  ] as const;
  for (const [text, alias] of versions) {
    const artifact = new wandb.Artifact("versions", { type: "dataset" });
    artifact.newFile("content.txt", text);
    artifact.newFile("common.txt", "the same in all");
    run.logArtifact(artifact, { aliases: [alias] });
  }
  await run.finish();
}
