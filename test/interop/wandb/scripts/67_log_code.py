"""log_code: an artifact of source files."""
import os

import wandb

os.makedirs("source/inner")
for name in ("source/kept.txt", "source/inner/also.txt", "source/not.md"):
    with open(name, "w") as file:
        file.write(name)
run = wandb.init()
run.log_code("source", name="source-code", include_fn=lambda path: path.endswith(".txt"))
run.finish()
