"""expect exit 1: an error inside the scope of a run."""
import sys

import wandb

sys.excepthook = lambda *args: None
with wandb.init() as run:
    run.log({"a": 1})
    raise ValueError("on purpose")
