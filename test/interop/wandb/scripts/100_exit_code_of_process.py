"""expect exit 5: The process sets its exit code and ends by itself, a row and a summary open."""
import sys

import wandb

run = wandb.init()
run.log({"a": 1})
run.log({"a": 2, "b": {"c": 3}}, commit=False)
run.summary["s"] = "open"
sys.exit(5)
