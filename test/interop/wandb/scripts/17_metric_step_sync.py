"""step_sync: the last value of the step metric is put into rows that lack it; off when told so."""
import wandb

run = wandb.init()
run.define_metric("synced", step_metric="x")
run.define_metric("unsynced", step_metric="x", step_sync=False)
run.define_metric("never_logged_step", step_metric="y")
run.log({"synced": 1})
run.log({"x": 10})
run.log({"synced": 2})
run.log({"unsynced": 3})
run.log({"synced": 4, "x": 11})
run.log({"never_logged_step": 5})
run.finish()
