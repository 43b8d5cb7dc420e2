"""expect exit 1: an error inside the scope of a run."""
import os
import sys

import wandb

# The trace of the error names the language; only the state of the run is compared.
os.environ["WANDB_CONSOLE"] = "off"
sys.excepthook = lambda *args: None
with wandb.init() as run:
    run.log({"a": 1})
    raise ValueError("on purpose")
