"""Boxes on an image: fractions and pixels, both forms of position, scores, captions, labels."""
import numpy as np

import wandb

run = wandb.init()
pixels = np.zeros((20, 30, 3), dtype=np.uint8)
boxes = {
    "predictions": {
        "box_data": [
            {"position": {"minX": 0.1, "maxX": 0.4, "minY": 0.2, "maxY": 0.5}, "class_id": 1,
             "box_caption": "cat 0.9", "scores": {"acc": 0.9, "loss": 0.1}},
            {"position": {"middle": [15, 10], "width": 6, "height": 4}, "domain": "pixel", "class_id": 2},
        ],
        "class_labels": {1: "cat", 2: "dog"},
    },
    "ground_truth": {
        "box_data": [{"position": {"minX": 0.0, "maxX": 1.0, "minY": 0.0, "maxY": 1.0}, "class_id": 7}],
    },
}
run.log({"boxed": wandb.Image(pixels, boxes=boxes)})
run.finish()
