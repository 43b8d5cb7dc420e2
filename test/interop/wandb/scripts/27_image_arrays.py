"""Images of bytes: colour, grey, with transparency; captions; a key with a folder."""
import numpy as np

import wandb

run = wandb.init()
pixels = (np.arange(12 * 10 * 3) * 7 % 256).astype(np.uint8).reshape(12, 10, 3)
run.log({"colour": wandb.Image(pixels, caption="a caption")})
run.log({"grey": wandb.Image(pixels[:, :, 0]), "folder/one": wandb.Image(pixels[:, :, 1:2])})
run.log({"alpha": wandb.Image((np.arange(6 * 5 * 4) * 3 % 256).astype(np.uint8).reshape(6, 5, 4))})
run.log({"nested": {"img": wandb.Image(pixels)}}, step=10)
run.finish()
