"""Molecules, clouds, videos, files and missing media in cells; media beside text in a column of any type."""
import numpy as np

import wandb

run = wandb.init()
cloud = wandb.Object3D(np.arange(6, dtype=np.float64).reshape(2, 3) / 4)
run.log({"kinds": wandb.Table(columns=["molecule", "cloud", "video", "file"], data=[
    [wandb.Molecule("fixtures/molecule.pdb"), cloud, wandb.Video("fixtures/clip.mp4", caption="v"),
     wandb.Image("fixtures/picture.png")],
    [None, None, None, None],
])})
run.log({"any": wandb.Table(columns=["any"], data=[[wandb.Html("<p>x</p>")], ["text"], [3]], allow_mixed_types=True)})
run.finish()
