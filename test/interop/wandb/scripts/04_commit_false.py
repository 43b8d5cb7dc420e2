"""commit=False holds the row back; commit=True with a step ends it at once."""
import wandb

run = wandb.init()
run.log({"a": 1}, commit=False)
run.log({"b": 2}, commit=False)
run.log({"c": 3})
run.log({"a": 4}, step=7, commit=True)
run.log({"a": 5})
run.log({"a": 6}, step=20, commit=False)
run.log({"b": 7}, commit=True)
run.finish()
