"""define_metric with globs: expansion, summary and step of what matches."""
import wandb

run = wandb.init()
run.define_metric("epoch", hidden=True)
run.define_metric("val/*", step_metric="epoch", summary="max")
run.define_metric("*", summary="last")
run.log({"epoch": 0, "val/acc": 0.5, "val/deep/f1": 0.1, "other": 3})
run.log({"epoch": 1, "val/acc": 0.7, "val/deep/f1": 0.05, "other": 2})
run.log({"val/acc": 0.6, "_private": 1})
run.finish()
