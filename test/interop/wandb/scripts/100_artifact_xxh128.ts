import type * as Wandb from "tracelet/wandb";

/** An artifact whose files are known by XXH128, with a reference and the same content again, beside one with MD5. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifacts = [
    ["fast", "XXH128"],
    ["plain", "MD5"],
    ["fast", "XXH128"],
    ["plain", "XXH128"],
  ] as const;
  for (const [name, digestAlgorithm] of artifacts) {
    const artifact = new wandb.Artifact(name, { type: "dataset", digestAlgorithm });
    artifact.newFile("content.txt", "of both");
    artifact.newFile("empty", "");
    artifact.addDir("fixtures", { name: "dir" });
    artifact.addReference("https://example.com/x", { name: "page", checksum: false });
    run.logArtifact(artifact);
  }
  await run.finish();
}
