"""run.log, init and finish, and a whole script of the official W&B client, offline: as bench/benchmarks/wandb.ts."""

import json
import os
import subprocess
import sys
import time
from statistics import median

given = json.loads(sys.argv[1])
folder, calls, batch = given["dir"], given["calls"], given["batch"]
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_DIR=folder)
import wandb

SCRIPT = """
import wandb
run = wandb.init(project="bench")
for step in range(3):
    run.log({"loss": step})
run.finish()
"""


def measure(make_row):
    """Cost of a call, and rows a second from the first call to the finished run."""
    run = wandb.init(project="bench")
    batches = []
    started = time.perf_counter()
    for first in range(0, calls, batch):
        before = time.perf_counter()
        for step in range(first, first + batch):
            run.log(make_row(step))
        batches.append((time.perf_counter() - before) / batch)
    run.finish()
    rate = calls / (time.perf_counter() - started)
    run = wandb.init(project="bench")
    singles = []
    for step in range(calls):
        before = time.perf_counter()
        run.log(make_row(step))
        singles.append(time.perf_counter() - before)
    run.finish()
    return {"median": median(batches), "p99": sorted(singles)[int(len(singles) * 0.99)], "rate": rate}


def start_and_finish():
    started = time.perf_counter()
    wandb.init(project="bench").finish()
    return time.perf_counter() - started


def whole_script():
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", SCRIPT], check=True, cwd=folder)
    return time.perf_counter() - started


figures = {}
for name, make_row in [
    ("one", lambda step: {"loss": 1 / (step + 1)}),
    ("ten", lambda step: {f"metric/{i}": i / (step + 1) for i in range(10)}),
]:
    for figure, value in measure(make_row).items():
        figures[f"{name}_{figure}"] = value
# The process has had runs before: these are later ones.
figures["run"] = median([start_and_finish() for _ in range(given["runs"])])
figures["script"] = median([whole_script() for _ in range(given["scripts"])])
print(json.dumps(figures))
