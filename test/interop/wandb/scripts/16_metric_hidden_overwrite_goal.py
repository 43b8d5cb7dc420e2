"""hidden, goal, repeated definitions, overwrite."""
import wandb

run = wandb.init()
run.define_metric("a", hidden=True)
run.define_metric("a", summary="min")
run.define_metric("b", summary="min", step_metric="s1")
run.define_metric("b", summary="max", overwrite=True)
run.define_metric("c", summary="best", goal="maximize")
run.define_metric("d", summary="best", goal="minimize")
for i in range(4):
    run.log({"a": i, "b": -i, "c": i, "d": 3 - i, "s1": i})
run.finish()
