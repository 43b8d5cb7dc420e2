"""Console capture switched off."""
import wandb

run = wandb.init(settings=wandb.Settings(console="off"))
print("nobody keeps this")
run.log({"a": 1})
run.finish()
