"""finish with an exit code of its own."""
import wandb

run = wandb.init()
run.log({"a": 1})
run.finish(exit_code=3)
