"""Git switched off: no commit, no remote, no patch."""
import os

import wandb

os.environ["WANDB_DISABLE_GIT"] = "true"
run = wandb.init(save_code=True)
run.log({"a": 1})
run.finish()
