"""Media in cells: images (with boxes and without), html, audio."""
import numpy as np

import wandb

run = wandb.init()
pixels = np.full((4, 4, 3), 50, dtype=np.uint8)
boxes = {"p": {"box_data": [{"position": {"minX": 0, "maxX": 1, "minY": 0, "maxY": 1}, "class_id": 1}],
               "class_labels": {1: "one"}}}
table = wandb.Table(columns=["id", "image", "page"])
table.add_data(1, wandb.Image(pixels), wandb.Html("<p>1</p>"))
table.add_data(2, wandb.Image(pixels + 1), wandb.Html("<p>2</p>"))
run.log({"media": table})
run.log({"boxed": wandb.Table(columns=["image"], data=[[wandb.Image(pixels, boxes=boxes)]])})
run.log({"sound": wandb.Table(columns=["audio"], data=[[wandb.Audio("fixtures/sound.wav")]])})
run.finish()
