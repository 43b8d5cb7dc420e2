"""Downloads versions with the official client, checks them with its own verify(), and prints what it found as JSON."""
import json
import os
import sys

import wandb

api = wandb.Api()
found = {}
for name in json.load(sys.stdin):
    artifact = api.artifact(name)
    root = artifact.download(root=os.path.join("downloads", artifact.name.replace(":", "-")))
    artifact.verify(root=root)
    files = sorted(
        os.path.relpath(os.path.join(path, file), root) for path, _, files in os.walk(root) for file in files)
    found[name] = {
        "type": artifact.type,
        "state": artifact.state,
        "description": artifact.description,
        "metadata": artifact.metadata,
        "aliases": sorted(artifact.aliases),
        "tags": sorted(artifact.tags),
        "size": artifact.size,
        "ttl": None if artifact.ttl is None else artifact.ttl.total_seconds(),
        "history_step": artifact.history_step,
        "entries": sorted(artifact.manifest.entries),
        "files": {file: os.path.getsize(os.path.join(root, file)) for file in files},
        "logged_by": artifact.logged_by().id,
        "used_by": [run.id for run in artifact.used_by()],
    }
print(json.dumps(found))
