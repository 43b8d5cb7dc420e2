"""A download of the official W&B client, from the artifact's name to its file: as bench/benchmarks/wandb-download.ts."""

import json
import os
import sys
import time

given = json.loads(sys.argv[1])
folder = given["dir"]
os.environ.update(
    WANDB_BASE_URL=given["url"],
    WANDB_API_KEY=given["key"],
    WANDB_SILENT="true",
    WANDB_DIR=folder,
    WANDB_CACHE_DIR=os.path.join(folder, "cache"),
    WANDB_DATA_DIR=os.path.join(folder, "data"),
    WANDB_CONFIG_DIR=os.path.join(folder, "config"),
)
import wandb

started = time.perf_counter()
artifact = wandb.Api().artifact("bench/bench/large:latest")
root = artifact.download(root=os.path.join(folder, "root"))
if given["verify"]:
    artifact.verify(root)
ended = time.perf_counter()
if os.path.getsize(os.path.join(root, "0.bin")) != given["bytes"]:
    sys.exit("the file is not whole")
print(json.dumps({"seconds": ended - started}))
