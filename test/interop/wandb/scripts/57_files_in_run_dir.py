"""Files the script puts into the run's own folder."""
import os

import wandb

run = wandb.init()
with open(os.path.join(run.dir, "notes.txt"), "w") as file:
    file.write("in the run's folder")
run.save(os.path.join(run.dir, "notes.txt"))
run.finish()
