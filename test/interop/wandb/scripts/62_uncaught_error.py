"""expect exit 1: an error nobody catches ends the run as failed; the open row is kept."""
import sys

import wandb

run = wandb.init()
run.log({"a": 1})
run.log({"a": 2}, commit=False)
# The trace of the error names the language; only the state of the run is compared.
sys.stderr = open("trace.txt", "w")
raise RuntimeError("on purpose")
