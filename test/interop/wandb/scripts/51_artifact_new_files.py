"""Files written into an artifact, as text and bytes; the same content twice."""
import wandb

run = wandb.init()
artifact = wandb.Artifact("written", type="dataset")
with artifact.new_file("text.txt") as file:
    file.write("h\u00e9llo\n")
with artifact.new_file("folder/bytes.bin", mode="wb") as file:
    file.write(bytes(range(256)))
with artifact.new_file("copy.txt") as file:
    file.write("h\u00e9llo\n")
run.log_artifact(artifact)
run.finish()
