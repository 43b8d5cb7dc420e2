"""References: a file, addresses without checksum, an unknown scheme."""
import os

import wandb

with open("local.txt", "w") as file:
    file.write("local")
run = wandb.init()
artifact = wandb.Artifact("references", type="dataset")
artifact.add_reference("s3://bucket/path/data.csv", checksum=False)
artifact.add_reference("gs://bucket/other.csv", name="renamed.csv", checksum=False)
artifact.add_reference("https://example.com/data.json", name="web/data.json", checksum=False)
artifact.add_reference("custom://somewhere/file", name="custom")
artifact.add_file("local.txt")
run.log_artifact(artifact)
run.finish()
