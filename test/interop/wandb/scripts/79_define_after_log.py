"""Metrics defined after their first values."""
import wandb

run = wandb.init()
run.log({"a": 5, "s": 1})
run.define_metric("a", summary="max", step_metric="s")
run.log({"a": 3})
run.log({"a": 7, "s": 2})
run.define_metric("a", summary="min")
run.log({"a": 4})
run.finish()
