"""A row still open at the end is written by finish."""
import wandb

run = wandb.init()
run.log({"a": 1})
run.log({"a": 2, "only_pending": True}, commit=False)
run.finish()
