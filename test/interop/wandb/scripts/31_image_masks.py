"""Masks on an image, by array, with labels and without."""
import numpy as np

import wandb

run = wandb.init()
pixels = np.full((8, 8, 3), 100, dtype=np.uint8)
mask = np.zeros((8, 8), dtype=np.uint8)
mask[2:4, 2:6] = 1
mask[6:, 5:] = 3
masks = {
    "predictions": {"mask_data": mask, "class_labels": {0: "background", 1: "cat", 3: "tree"}},
    "truth": {"mask_data": mask.T.copy()},
}
run.log({"masked": wandb.Image(pixels, masks=masks, caption="masks")})
run.finish()
