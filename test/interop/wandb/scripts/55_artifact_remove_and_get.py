"""Removing entries before logging; a file that takes the place of another."""
import wandb

run = wandb.init()
artifact = wandb.Artifact("edited", type="dataset")
for name in ("a.txt", "b.txt", "folder/c.txt", "folder/d.txt"):
    with artifact.new_file(name) as file:
        file.write(name)
artifact.remove("a.txt")
artifact.remove("folder")
with open("b-new.txt", "w") as file:
    file.write("new content")
artifact.add_file("b-new.txt", name="b.txt", overwrite=True)
run.log_artifact(artifact)
run.finish()
