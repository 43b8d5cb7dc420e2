"""One object under two keys and in two rows; an image made of an image; a list of one; lists in nested objects."""
import numpy as np

import wandb

run = wandb.init()
pixels = np.full((3, 4, 3), 60, dtype=np.uint8)
image = wandb.Image(pixels, caption="once")
run.log({"first": image})
run.log({"second": image, "first": image})
run.log({"copy": wandb.Image(image), "named": wandb.Image(image, caption="anew")})
run.log({"nested": {"list": [wandb.Image(pixels), wandb.Image(pixels + 1)], "deep": {"html": wandb.Html("<p>x</p>")}}})
table = wandb.Table(columns=["a"], data=[[1]])
run.log({"table": table})
table.add_data(2)
run.log({"table": table, "other": table})
page = wandb.Html("<p>again</p>")
run.log({"pages": [page, page], "page": page})
run.finish()
