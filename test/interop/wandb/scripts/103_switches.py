"""Switches by variables: no metadata, no code, another program name."""
import os

import wandb

os.environ.update({"WANDB_DISABLE_CODE": "true", "WANDB_X_DISABLE_META": "true", "WANDB_SAVE_CODE": "true",
                   "WANDB_PROGRAM": "other_name.py"})
run = wandb.init(settings=wandb.Settings(x_disable_machine_info=True))
run.log({"a": 1})
run.finish()
