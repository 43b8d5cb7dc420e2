"""Sound: a file, samples of 16 bits, a list with captions."""
import numpy as np

import wandb

run = wandb.init()
samples = (np.arange(800) % 100 - 50).astype(np.int16) * 100
run.log({"file": wandb.Audio("fixtures/sound.wav", caption="a file")})
run.log({"samples": wandb.Audio(samples, sample_rate=8000)})
run.log({"list": [
    wandb.Audio(samples, sample_rate=8000, caption="one"), wandb.Audio(samples[:400], sample_rate=4000),
]})
run.finish()
