"""A whole script of the official W&B client online: as bench/benchmarks/wandb-online.ts."""

import json
import os
import subprocess
import sys
import time
from statistics import median

given = json.loads(sys.argv[1])
folder = given["dir"]
variables = dict(
    os.environ,
    WANDB_BASE_URL=given["url"],
    WANDB_API_KEY=given["key"],
    WANDB_SILENT="true",
    WANDB_ERROR_REPORTING="false",
    WANDB_DIR=folder,
    WANDB_CONFIG_DIR=os.path.join(folder, "config"),
)
SCRIPT = """
import wandb
run = wandb.init(project="bench")
run.log({"loss": 1})
run.finish()
"""


def whole_script():
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, cwd=folder, env=variables)
    return time.perf_counter() - started


print(json.dumps({"script": median([whole_script() for _ in range(given["scripts"])])}))
