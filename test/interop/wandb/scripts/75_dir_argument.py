"""The run's folder stands below the given directory."""
import os

import wandb

os.makedirs("elsewhere")
run = wandb.init(dir="elsewhere")
run.log({"a": 1})
run.finish()
