"""Video files (they are stored as they are), a list of them."""
import wandb

run = wandb.init()
run.log({"clip": wandb.Video("fixtures/clip.mp4", caption="a clip")})
run.log({"clips": [wandb.Video("fixtures/clip.mp4", caption="one"), wandb.Video("fixtures/clip.gif")]})
run.finish()
