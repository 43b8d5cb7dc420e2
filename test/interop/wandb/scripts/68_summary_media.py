"""Media set on the summary."""
import numpy as np

import wandb

run = wandb.init()
run.summary["image"] = wandb.Image(np.full((2, 2, 3), 200, dtype=np.uint8), caption="at the end")
run.summary["table"] = wandb.Table(columns=["a"], data=[[1]])
run.finish()
