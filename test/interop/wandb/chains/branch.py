"""Rewinds the run to a step, or forks it there, as the environment says."""
import json
import os

import wandb

if os.environ["CHAIN_BRANCH"] == "rewind":
    run = wandb.init(id="chain", resume_from="chain?_step=2")
else:
    run = wandb.init(id="forked", fork_from="chain?_step=2", config={"mine": 1})
found = {"id": run.id}
run.log({"loss": 100})
run.log({"loss": 101, "val": 0})
with open("seen.json", "w") as file:
    json.dump(found, file)
run.finish()
