"""Steps given by the caller, with gaps, then counting on from there."""
import wandb

run = wandb.init()
for step in (0, 5, 10, 100):
    run.log({"a": step * 2}, step=step)
run.log({"a": 1})
run.log({"a": 2})
run.finish()
