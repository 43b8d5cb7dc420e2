"""Cells that hold lists, objects and dates; a key whose artifact name must be changed."""
import datetime

import wandb

run = wandb.init()
table = wandb.Table(columns=["list", "object", "date"], data=[
    [[1, 2], {"a": 1, "b": "x"}, datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)],
    [[3, 4], {"a": 2, "b": "y"}, datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)],
])
run.log({"odd key/with: signs": table})
run.finish()
