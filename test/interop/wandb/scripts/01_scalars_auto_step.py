"""Scalars without a step: every call is a row."""
import wandb

with wandb.init() as run:
    for i in range(10):
        run.log({"loss": 1 / (i + 1), "accuracy": i / 10, "count": i})
