"""Tables and images put into an artifact as objects."""
import numpy as np

import wandb

run = wandb.init()
artifact = wandb.Artifact("objects", type="dataset")
image = wandb.Image(np.full((3, 3, 3), 77, dtype=np.uint8), caption="in an artifact")
artifact.add(image, "picture")
artifact.add(wandb.Table(columns=["a"], data=[[1], [2]]), "folder/table")
artifact.add(wandb.Html("<i>page</i>"), "page")
run.log_artifact(artifact)
run.finish()
