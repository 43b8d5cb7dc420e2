"""Goes on with the run, as the environment says, and prints what it found there."""
import json
import os

import wandb

how = os.environ["CHAIN_RESUME"]
run = wandb.init(resume=how, config={"lr": 0.5, "new": 1}) if how == "auto" else wandb.init(
    id="chain", resume=how, config={"lr": 0.5, "new": 1})
found = {
    "id": run.id, "resumed": run.resumed, "name": run.name,
    "config": {key: run.config[key] for key in ("lr", "nested", "late", "new")}, "tags": sorted(run.tags), "notes": run.notes,
}
run.define_metric("val", summary="min")
run.log({"loss": 0.01, "val": 9, "deep": {"y": {"w": 1}}})
run.log({"loss": 0.02}, step=20)
run.log({"loss": 7}, step=3)
print("line of the second")
run.summary["more"] = 1
run.config.update({"lr": 0.7}, allow_val_change=True)
run.tags = (*run.tags, "new")
with open("seen.json", "w") as file:
    json.dump(found, file)
run.finish()
