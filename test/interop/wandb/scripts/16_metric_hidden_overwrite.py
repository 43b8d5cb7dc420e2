"""hidden, repeated definitions (they add up), overwrite."""
import wandb

run = wandb.init()
run.define_metric("a", hidden=True)
run.define_metric("a", summary="min")
run.define_metric("b", summary="min", step_metric="s1")
run.define_metric("b", summary="max", overwrite=True)
run.define_metric("c", step_metric="s1", hidden=True)
run.define_metric("c", step_metric="s2")
for i in range(4):
    run.log({"a": i, "b": -i, "c": i, "s1": i, "s2": i * 2})
run.finish()
