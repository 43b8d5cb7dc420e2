"""An artifact of the official W&B client, from its first file to the committed version: as bench/benchmarks/wandb-artifacts.ts."""

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

source = os.path.join(folder, "source")
os.mkdir(source)
for i in range(given["files"]):
    with open(os.path.join(source, f"{i}.bin"), "wb") as file:
        for _ in range(max(1, given["bytes"] >> 20)):
            file.write(os.urandom(min(given["bytes"], 1 << 20)))

run = wandb.init(entity="bench", project="bench")
started = time.perf_counter()
artifact = wandb.Artifact(f"files-{os.getpid()}", type="dataset")
artifact.add_dir(source, policy=given["policy"], skip_cache=given["skipCache"])
added = time.perf_counter()
run.log_artifact(artifact).wait()
ended = time.perf_counter()
run.finish()
print(json.dumps({"whole": ended - started, "upload": ended - added}))
