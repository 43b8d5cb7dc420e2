"""A list of images of which some carry boxes and masks; shared class labels."""
import numpy as np

import wandb

run = wandb.init()
pixels = np.full((5, 5, 3), 9, dtype=np.uint8)
labels = {0: "zero", 1: "one"}
boxes = {"p": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}],
               "class_labels": labels}}
masks = {"p": {"mask_data": np.ones((5, 5), dtype=np.uint8), "class_labels": labels}}
run.log({"list": [
    wandb.Image(pixels, boxes=boxes, masks=masks),
    wandb.Image(pixels + 1, boxes=boxes),
    wandb.Image(pixels + 2, masks=masks),
]})
run.log({"classes": wandb.Image(pixels, classes=[{"id": 0, "name": "zero"}, {"id": 1, "name": "one"}])})
run.finish()
