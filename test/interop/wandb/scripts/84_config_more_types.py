"""Dates, sets, arrays and odd keys in config; nested updates; keys that only differ by dashes."""
import datetime

import numpy as np

import wandb

run = wandb.init(config={
    "date": datetime.datetime(2024, 2, 29, 12, 30, 15, tzinfo=datetime.timezone.utc),
    "set": {7}, "array": np.arange(40, dtype=np.float64), "one": np.array([2.5]), "few": np.arange(3, dtype=np.int32),
    "matrix": [[1, 2], [3, 4]], "quote": 'a "b" \\ c', "lines": "1\n2",
})
run.config.update({"nested": {"a": 1, "b": {"c": [1, 2]}}})
run.config.update({"nested": {"a": 2}}, allow_val_change=True)
run.config["-x-"] = 1
run.config.update({"x": 2}, allow_val_change=True)
run.config.update({"": "empty", " ": "space", "a.b.c": 1})
run.finish()
