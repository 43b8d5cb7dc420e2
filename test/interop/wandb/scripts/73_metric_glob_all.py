"""A glob that matches everything, beside a metric defined by its name."""
import wandb

run = wandb.init()
run.define_metric("*", step_metric="epoch")
run.define_metric("loss", summary="min")
for i in range(3):
    run.log({"epoch": i, "loss": 3 - i, "nested": {"acc": i / 2}})
run.log({"acc": 1, "_hidden": 2})
run.finish()
