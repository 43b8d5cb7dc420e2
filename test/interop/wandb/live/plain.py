"""A run that says nothing of its code."""
import wandb

run = wandb.init(id="live")
run.log({"a": 1})
run.finish()
