"""Several images under one key, with all, some and no captions."""
import numpy as np

import wandb


def image(seed, caption=None):
    return wandb.Image(np.full((4, 6, 3), seed, dtype=np.uint8), caption=caption)


run = wandb.init()
run.log({"all": [image(i, f"caption {i}") for i in range(3)]})
run.log({"some": [image(10, "first"), image(11), image(12, "third")]})
run.log({"none": [image(20), image(21)], "one": [image(30)]})
run.finish()
