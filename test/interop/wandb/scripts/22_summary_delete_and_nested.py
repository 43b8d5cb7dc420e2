"""Deleting summary keys, changing nested ones, values that come back by logging."""
import wandb

run = wandb.init()
run.log({"a": 1, "b": 2, "c": 3})
del run.summary["a"]
run.summary["tree"] = {"x": 1, "y": 2}
run.summary["tree"]["x"] = 10
del run.summary["tree"]["y"]
del run.summary["b"]
run.log({"b": 20})
run.define_metric("m", summary="max")
run.log({"m": 5})
run.summary["m"] = 1
run.log({"m": 3})
run.finish()
