"""The script ends without finish."""
import wandb

run = wandb.init()
run.log({"a": 1})
run.summary["b"] = 2
