"""A run of a sweep: its parameters are in config and cannot be changed by the script."""
import os

import wandb

with open("parameters.yaml", "w") as file:
    file.write("wandb_version: 1\n\nlr:\n  value: 0.01\nnested:\n  value:\n    depth: 2\n")
os.environ["WANDB_SWEEP_ID"] = "sweep123"
os.environ["WANDB_SWEEP_PARAM_PATH"] = os.path.abspath("parameters.yaml")
run = wandb.init(config={"lr": 0.5, "own": 1})
run.config.update({"lr": 0.9, "later": 2}, allow_val_change=True)
run.log({"loss": 1})
run.finish()
