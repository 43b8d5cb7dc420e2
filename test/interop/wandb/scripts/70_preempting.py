"""mark_preempting, then an exit code that says the run was taken away."""
import wandb

run = wandb.init()
run.log({"a": 1})
run.mark_preempting()
run.log({"a": 2})
run.finish(exit_code=1)
