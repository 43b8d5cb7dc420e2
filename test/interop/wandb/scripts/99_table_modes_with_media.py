"""Tables with pictures that grow: mutable and incremental; a table logged, then set in the summary."""
import numpy as np

import wandb

def image(value):
    return wandb.Image(np.full((2, 2, 3), value, dtype=np.uint8))


run = wandb.init()
mutable = wandb.Table(columns=["i", "image"], log_mode="MUTABLE")
growing = wandb.Table(columns=["i", "image"], log_mode="INCREMENTAL")
for i in range(3):
    mutable.add_data(i, image(i))
    growing.add_data(i, image(100 + i))
    run.log({"mutable": mutable, "growing": growing})
run.log({"mutable": mutable})
done = wandb.Table(columns=["a"], data=[[1]])
run.log({"done": done})
run.summary["done_again"] = done
run.finish()
