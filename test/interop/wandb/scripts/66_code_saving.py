"""save_code: the program, and the patch of what is not committed."""
import wandb

run = wandb.init(save_code=True)
run.log({"a": 1})
run.finish()
