"""`wandb sync` of the official client over a copy of an offline run: as bench/benchmarks/wandb-online.ts."""

import glob
import json
import os
import shutil
import subprocess
import sys
import time

given = json.loads(sys.argv[1])
folder = given["dir"]
shutil.copytree(given["folder"], folder, dirs_exist_ok=True)
(run,) = glob.glob(os.path.join(folder, "wandb", "offline-run-*"))
variables = dict(
    os.environ,
    WANDB_BASE_URL=given["url"],
    WANDB_API_KEY=given["key"],
    WANDB_ERROR_REPORTING="false",
    WANDB_CACHE_DIR=os.path.join(folder, "cache"),
    WANDB_DATA_DIR=os.path.join(folder, "data"),
    WANDB_CONFIG_DIR=os.path.join(folder, "config"),
)
started = time.perf_counter()
subprocess.run(
    [sys.executable, "-m", "wandb", "sync", run], check=True, cwd=folder, env=variables, stdout=subprocess.DEVNULL
)
print(json.dumps({"seconds": time.perf_counter() - started}))
