"""Columns of given types, cells that may not be missing, arrays, nested lists, rows as objects, no columns named."""
import numpy as np

import wandb

run = wandb.init()
run.log({"typed": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]], dtype=[float, str], optional=[False, True])})
run.log({"one_type": wandb.Table(columns=["a", "b"], data=[[1, 2], [3.5, 4]], dtype=float, optional=False)})
run.log({"arrays": wandb.Table(columns=["v"], data=[[np.arange(3, dtype=np.float64)], [np.arange(3, dtype=np.float64) + 0.5]])})
run.log({"nested": wandb.Table(columns=["v"], data=[[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]])})
run.log({"objects": wandb.Table(columns=["o"], data=[[{"a": {"b": 1}, "c": [1]}], [{"a": {"b": 2}, "c": [3]}]])})
run.log({"nulls": wandb.Table(columns=["all_none", "late"], data=[[None, None], [None, "x"]])})
run.log({"infinite": wandb.Table(columns=["f"], data=[[float("inf")], [float("-inf")], [1e300], [-0.0]])})
default = wandb.Table()
default.add_data("in", "out", "expected")
run.log({"default": default})
run.log({"nested": {"deep": {"table": wandb.Table(columns=["a"], data=[[1]])}}})
run.finish()
