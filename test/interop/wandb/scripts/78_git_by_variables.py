"""Commit and remote given by variables."""
import os

import wandb

os.environ["WANDB_GIT_COMMIT"] = "0123456789abcdef0123456789abcdef01234567"
os.environ["WANDB_GIT_REMOTE_URL"] = "https://git.example.com/other/repository.git"
run = wandb.init()
run.log({"a": 1})
run.finish()
