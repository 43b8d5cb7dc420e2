"""Metrics of nested values, names whose dots are their own, a kind that means nothing."""
import wandb

run = wandb.init()
run.define_metric("train.loss", summary="min", step_metric="train.step")
run.define_metric("own\\.dot", summary="max")
run.define_metric("copied", summary="copy")
run.define_metric("nested.*", summary="mean")
for i in range(4):
    run.log({"train": {"loss": 4 - i, "step": i * 10}, "own.dot": i, "copied": i, "nested": {"x": i, "deep": {"y": i / 2}}})
run.log({"train": {"loss": 9}})
run.finish()
