"""A longer run of one key and of many keys."""
import wandb

run = wandb.init()
for i in range(2000):
    run.log({"loss": (i * 37 % 101) / 101})
run.log({f"layer{i}/norm": i / 7 for i in range(200)})
run.finish()
