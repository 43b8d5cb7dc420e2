"""log_artifact of a file and of a folder, with and without a name and a type."""
import os

import wandb

os.makedirs("folder")
for name in ("folder/one.txt", "folder/two.txt", "single.txt"):
    with open(name, "w") as file:
        file.write(name)
run = wandb.init()
run.log_artifact("single.txt", name="named", type="file", aliases=["best"])
run.log_artifact("folder", name="whole-folder", type="dataset")
run.log_artifact("single.txt")
run.finish()
