"""expect exit 2: the process ends with a code in the middle."""
import sys

import wandb

run = wandb.init()
run.log({"a": 1})
sys.exit(2)
