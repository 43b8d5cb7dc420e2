"""Says which beginnings are refused."""
import json

import wandb

found = {}
for name, options in {
    "never, and it is there": {"id": "chain", "resume": "never"},
    "must, and it is not there": {"id": "nowhere", "resume": "must"},
    "allow, and it is not there": {"id": "allowed", "resume": "allow"},
    "never, and it is not there": {"id": "fresh", "resume": "never"},
}.items():
    try:
        run = wandb.init(**options)
        found[name] = [run.resumed, run.step]
        run.log({"a": 1})
        run.finish()
    except wandb.errors.UsageError:
        found[name] = "refused"
with open("seen.json", "w") as file:
    json.dump(found, file)
