"""Description, metadata, aliases, tags, ttl."""
import datetime

import wandb

run = wandb.init()
artifact = wandb.Artifact(
    "described", type="model", description="a model\nof two lines",
    metadata={"accuracy": 0.9, "nested": {"list": [1, 2, {"x": None}]}, "text": "\u00e9"},
)
with artifact.new_file("weights.txt") as file:
    file.write("weights")
artifact.ttl = datetime.timedelta(days=30)
run.log_artifact(artifact, aliases=["best", "v-one"], tags=["prod", "two words"])
run.finish()
