"""References to a local file and folder, with and without checksums; links inside a folder; an artifact logged twice."""
import os

import wandb

os.makedirs("data/sub")
for name in ("data/a.txt", "data/sub/b.txt"):
    with open(name, "w") as file:
        file.write(name)
os.symlink("a.txt", "data/link.txt")
run = wandb.init()
artifact = wandb.Artifact("added", type="dataset", metadata={"n": 1})
artifact.add_dir("data")
artifact.metadata["more"] = [1, 2]
artifact.description = "late"
run.log_artifact(artifact, aliases=["one"])
second = wandb.Artifact("added", type="dataset", metadata={"n": 1, "more": [1, 2]})
second.add_dir("data")
run.log_artifact(second, aliases=["two"])
run.finish()
