"""Integers beyond 2^53, as values, in lists, in config and summary."""
import wandb

run = wandb.init(config={"big": 2**60 + 1, "list": [2**63, -(2**62)]})
run.log({"big": 2**53 + 1, "bigger": 2**64 + 1, "negative": -(2**60) - 1, "list": [2**60 + 1, 1]})
run.log({"big": 3})
run.summary["big"] = 2**60 + 3
run.finish()
