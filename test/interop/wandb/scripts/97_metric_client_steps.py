"""Step metrics of the client's own, steps that are texts or missing, a step metric with a summary."""
import wandb

run = wandb.init()
run.define_metric("by_step", step_metric="_step")
run.define_metric("by_time", step_metric="_runtime", step_sync=False)
run.define_metric("s", summary="max")
run.define_metric("x", step_metric="s")
# The step of a step is added or not by chance in the official client, so y has one of its own.
run.define_metric("y", step_metric="z")
run.log({"by_step": 1, "by_time": 2})
run.log({"s": 1.5, "x": 1})
run.log({"y": 3})
run.log({"s": "text", "x": 2})
run.log({"x": 3})
run.log({"s": None, "x": 4})
run.log({"s": float("nan"), "x": 5})
run.log({"x": 6})
run.log({"x": 7}, step=20)
run.log({"s": 9}, step=20)
run.log({"x": 8})
run.finish()
