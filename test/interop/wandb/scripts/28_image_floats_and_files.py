"""Images of floats in 0..1 and -1..1, and of a file."""
import numpy as np

import wandb

run = wandb.init()
unit = (np.arange(4 * 4 * 3) % 5 / 4).reshape(4, 4, 3)
run.log({"unit": wandb.Image(unit)})
run.log({"signed": wandb.Image(unit * 2 - 1)})
run.log({"file": wandb.Image("fixtures/picture.png", caption="from a file")})
run.finish()
