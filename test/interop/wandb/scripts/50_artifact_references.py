"""References: a local file with its checksum, addresses without, an unknown scheme."""
import os

import wandb

with open("local.txt", "w") as file:
    file.write("local")
run = wandb.init()
artifact = wandb.Artifact("references", type="dataset")
artifact.add_reference("https://example.com/path/data.csv", checksum=False)
artifact.add_reference("https://example.com/data.json?version=2", name="web/data.json", checksum=False)
artifact.add_reference("custom://somewhere/file", name="custom")
artifact.add_file("local.txt")
run.log_artifact(artifact)
run.finish()
