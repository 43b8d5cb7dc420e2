"""Logs until somebody stops the run on its page."""
import time

import wandb

run = wandb.init(id="live")
for i in range(1200):
    run.log({"i": i})
    time.sleep(0.05)
run.finish()
