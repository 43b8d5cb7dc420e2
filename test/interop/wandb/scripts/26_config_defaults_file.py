"""config-defaults.yaml in the working directory; arguments win."""
import wandb

with open("config-defaults.yaml", "w") as file:
    file.write("wandb_version: 1\n\nlr:\n  desc: learning rate\n  value: 0.5\nepochs:\n  value: 10\n")
run = wandb.init(config={"lr": 0.1})
run.finish()
