import type * as Wandb from "tracelet/wandb";

/** Description, metadata, aliases, tags, ttl. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("described", {
    type: "model",
    description: "a model\nof two lines",
    metadata: { accuracy: 0.9, nested: { list: [1, 2, { x: null }] }, text: "\u00e9" },
  });
  artifact.newFile("weights.txt", "weights");
  artifact.ttl = 30 * 24 * 60 * 60;
  run.logArtifact(artifact, { aliases: ["best", "v-one"], tags: ["prod", "two words"] });
  await run.finish();
}
