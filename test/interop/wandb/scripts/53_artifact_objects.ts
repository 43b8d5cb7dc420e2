import type * as Wandb from "tracelet/wandb";

/** Tables and images put into an artifact as objects. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const artifact = new wandb.Artifact("objects", { type: "dataset" });
  const pixels = { shape: [3, 3, 3], data: new Uint8Array(27).fill(77) };
  artifact.add(new wandb.Image(pixels, { caption: "in an artifact" }), "picture");
  artifact.add(new wandb.Table({ columns: ["a"], data: [[1], [2]] }), "folder/table");
  artifact.add(new wandb.Html("<i>page</i>"), "page");
  run.logArtifact(artifact);
  await run.finish();
}
