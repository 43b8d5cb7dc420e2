"""add_scalar of PyTorch's and tensorboardX's SummaryWriter on the caller's thread, in a synchronous loop.

The median is that of batches of calls, the 99th percentile that of single calls: as bench/benchmarks/add-scalar.ts.
"""

import json
import sys
import time
from statistics import median

import torch.utils.tensorboard
import tensorboardX

given = json.loads(sys.argv[1])
calls, batch = given["calls"], given["batch"]


def measure(make_writer, folder):
    writer = make_writer(folder)
    batches = []
    started = time.perf_counter()
    step = 0
    while step < calls:
        before = time.perf_counter()
        for _ in range(batch):
            writer.add_scalar("train/loss", 1 / (step + 1), step)
            step += 1
        batches.append((time.perf_counter() - before) / batch)
    mean = (time.perf_counter() - started) / calls
    singles = []
    for step in range(min(calls, 20_000)):
        before = time.perf_counter()
        writer.add_scalar("train/loss", 1 / (step + 1), step)
        singles.append(time.perf_counter() - before)
    writer.close()
    return {"median": median(batches), "mean": mean, "p99": sorted(singles)[int(len(singles) * 0.99)]}


figures = {}
for name, make_writer in [
    ("torch", torch.utils.tensorboard.SummaryWriter),
    ("tensorboardX", tensorboardX.SummaryWriter),
]:
    for key, value in measure(make_writer, f"{given['dir']}/{name}").items():
        figures[f"{name}_{key}"] = value
print(json.dumps(figures))
