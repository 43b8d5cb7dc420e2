"""The digest the official client gives an artifact: {"files": {path inside: file}} -> its digest."""

import json
import sys

import wandb

artifact = wandb.Artifact("proof", type="model")
for name, path in json.load(sys.stdin)["files"].items():
    artifact.add_file(path, name=name)
json.dump(artifact.digest, sys.stdout)
