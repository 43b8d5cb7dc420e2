import type * as Wandb from "tracelet/wandb";

/** Two tables joined by a key, inside an artifact. */
export default async function (wandb: typeof Wandb): Promise<void> {
  const run = await wandb.init();
  const left = new wandb.Table({
    columns: ["id", "name"],
    data: [
      [1, "a"],
      [2, "b"],
    ],
  });
  const right = new wandb.Table({
    columns: ["id", "score"],
    data: [
      [1, 0.5],
      [2, 0.25],
    ],
  });
  const artifact = new wandb.Artifact("joined", { type: "tables" });
  artifact.add(left, "left");
  artifact.add(right, "right");
  artifact.add(new wandb.JoinedTable("left.table.json", "right.table.json", "id"), "both");
  run.logArtifact(artifact);
  await run.finish();
}
