"""An artifact of files and folders, renamed files, an empty file, names beyond ASCII in code-point order."""
import os

import wandb

os.makedirs("data/sub")
for name, text in (("a.txt", "alpha"), ("b.bin", "\0\1\2" * 1000), ("sub/c.txt", "gamma"), ("empty", ""),
                   ("\uff5e.txt", "fullwidth"), ("\U0001f600.txt", "astral")):
    with open(os.path.join("data", name), "w", encoding="utf-8", newline="") as file:
        file.write(text)
run = wandb.init()
artifact = wandb.Artifact("files", type="dataset")
artifact.add_file("data/a.txt")
artifact.add_file("data/a.txt", name="renamed/a.txt")
artifact.add_dir("data")
artifact.add_dir("data/sub", name="under")
run.log_artifact(artifact)
run.finish()
