"""A step that goes back is dropped by the official rule."""
import wandb

run = wandb.init()
run.log({"a": 1}, step=5)
run.log({"a": 2}, step=3)
run.log({"b": 3}, step=4)
run.log({"a": 4}, step=6)
run.log({"a": 5}, step=6)
run.log({"a": 6}, step=0)
run.finish()
