"""Numeric arrays: one element is a number, up to 32 are a list, more are a histogram."""
import numpy as np

import wandb

run = wandb.init()
run.log({"one": np.array([7.5]), "few": np.arange(5, dtype=np.float64), "ints": np.arange(4, dtype=np.int32)})
run.log({"edge": np.arange(32, dtype=np.float64)})
run.log({"many": np.arange(33, dtype=np.float64), "hundred": np.arange(100, dtype=np.float64) ** 2})
run.log({"float32": np.array([0.1, 0.2], dtype=np.float32)})
run.finish()
