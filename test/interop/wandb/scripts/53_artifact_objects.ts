import type * as Wandb from "tracelet/wandb";

/** Tables and images put into an artifact as objects. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("objects", { type: "dataset" });
  const image = new wandb.Image(new Uint8Array(3 * 3 * 3).fill(77), {
    width: 3,
    height: 3,
    caption: "in an artifact",
  });
  artifact.add(image, "picture");
  artifact.add(new wandb.Table({ columns: ["a"], data: [[1], [2]] }), "folder/table");
  artifact.add(new wandb.Html("<i>page</i>"), "page");
  run.logArtifact(artifact);
  await run.finish();
}
