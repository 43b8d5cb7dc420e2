"""Two tables joined by a key, inside an artifact."""
import wandb

run = wandb.init()
left = wandb.Table(columns=["id", "name"], data=[[1, "a"], [2, "b"]])
right = wandb.Table(columns=["id", "score"], data=[[1, 0.5], [2, 0.25]])
artifact = wandb.Artifact("joined", type="tables")
artifact.add(left, "left")
artifact.add(right, "right")
artifact.add(wandb.JoinedTable("left.table.json", "right.table.json", "id"), "both")
run.log_artifact(artifact)
run.finish()
